#!/bin/bash
. /opt/etabli/check.sh

file_exists tuned.def || fail 'Il n’y a pas encore de recette `tuned.def`.' 'There is no recipe `tuned.def` yet.' hint 2
is_sif tuned.sif || fail 'L’image `tuned.sif` n’est pas encore construite.' 'The image `tuned.sif` is not built yet.' hint 2
sif_built_from tuned.sif tuned.def || fail '`tuned.sif` n’a pas été construite depuis `tuned.def` tel qu’il est maintenant.' '`tuned.sif` was not built from `tuned.def` as it is now.' hint 2
matches "$(sif_descriptors tuned.sif)" 'Overlay' && fail '`tuned.sif` contient un calque : la recette doit suffire.' '`tuned.sif` holds an overlay: the recipe has to be enough.' hint 2
for file in /usr/share/fortunes /usr/local/bin/twice; do
	[ "$(timeout 4 apptainer exec tuned.sif cat $file </dev/null 2>/dev/null)" = "$(debugfs -R "cat /upper$file" tuned.img 2>/dev/null)" ] || fail \
		"\`$file\` n’a pas le même contenu que dans le calque." "\`$file\` has not the same content as in the overlay." hint 1
done
timeout 4 apptainer exec tuned.sif twice moo </dev/null >/dev/null 2>&1 || fail 'Le programme `twice` est là, mais ne s’exécute pas.' 'The program `twice` is there, but does not run.' hint 2
pass
