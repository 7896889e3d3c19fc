#!/bin/bash
. /opt/etabli/check.sh

file_exists tuned.def || fail 'Il n’y a pas encore de recette `tuned.def` : écrivez-la, à partir de `lolcow.sif`.' 'There is no recipe `tuned.def` yet: write it, starting from `lolcow.sif`.' hint 2
is_sif tuned.sif || fail 'L’image `tuned.sif` n’est pas encore construite : `apptainer build tuned.sif tuned.def`.' 'The image `tuned.sif` is not built yet: `apptainer build tuned.sif tuned.def`.' hint 2
sif_built_from tuned.sif tuned.def || fail '`tuned.sif` n’a pas été construite depuis `tuned.def` tel qu’il est maintenant : reconstruisez avec `--force`.' '`tuned.sif` was not built from `tuned.def` as it is now: build again with `--force`.' hint 2
matches "$(sif_descriptors tuned.sif)" 'Overlay' && fail '`tuned.sif` contient un calque : la recette doit suffire. Construisez-la depuis `tuned.def` seul.' '`tuned.sif` holds an overlay: the recipe has to be enough. Build it from `tuned.def` alone.' hint 2
for file in /usr/share/fortunes /usr/local/bin/twice; do
	[ "$(timeout 4 apptainer exec tuned.sif cat $file </dev/null 2>/dev/null)" = "$(debugfs -R "cat /upper$file" tuned.img 2>/dev/null)" ] || fail \
		"\`$file\` n’a pas le même contenu que dans le calque : tirez-le du calque avec \`cat\`, et copiez-le par \`%files\`." "\`$file\` has not the same content as in the overlay: take it from the overlay with \`cat\`, and copy it by \`%files\`." hint 1
done
timeout 4 apptainer exec tuned.sif twice moo </dev/null >/dev/null 2>&1 || fail 'Le programme `twice` est là, mais ne s’exécute pas : `chmod 755 twice` avant de construire.' 'The program `twice` is there, but does not run: `chmod 755 twice` before you build.' hint 2
pass
