#!/bin/bash
. /opt/etabli/check.sh

file_exists static.def || fail 'Il n’y a pas encore de recette `static.def` : écrivez-la, comme dans le bloc.' 'There is no recipe `static.def` yet: write it, as in the block.' hint 1
matches "$(def_header static.def From)" '^localhost:5000/busybox:' || fail \
	'`static.def` ne part plus de `localhost:5000/busybox:1.0` : c’est pourtant cette image-là qu’il s’agit de faire accepter.' \
	'`static.def` does not start from `localhost:5000/busybox:1.0` any more: yet that is the image to make work.' hint 1
if ! is_sif static.sif; then
	build=$(apptainer_call build)
	ran_any "$build.*static" || fail \
		'`static.def` est écrite : essayez de construire `static.sif`, et lisez pourquoi cela échoue.' \
		'`static.def` is written: try to build `static.sif`, and read why it fails.' hint 1
	last_matches "$build.*static" '--ignore-fakeroot-command' || fail \
		'`static.sif` n’existe pas : `fakeroot` ne peut pas démarrer dans cette image. Le message d’erreur nomme une option de `build`.' \
		'`static.sif` does not exist: `fakeroot` cannot start in this image. The error message names an option of `build`.' hint 1
	file_contains static.def '^[^#]*ch(own|grp)' && fail \
		'`static.sif` n’existe pas : sans `fakeroot`, le `chown` de `static.def` est refusé (`Invalid argument`) : enlevez cette ligne.' \
		'`static.sif` does not exist: without `fakeroot`, the `chown` in `static.def` is refused (`Invalid argument`): take that line out.' hint 2
	fail '`static.sif` n’est pas construite : la dernière construction a échoué, ou la recette a changé depuis. Lisez la ligne `FATAL`, puis reconstruisez.' \
		'`static.sif` is not built: the last build failed, or the recipe has changed since. Read the line `FATAL`, then build again.' hint 3
fi
sif_built_from static.sif static.def || fail \
	'`static.sif` existe, mais n’a pas été construite depuis `static.def` tel qu’il est maintenant : reconstruisez avec `--force`.' \
	'`static.sif` exists, but it was not built from `static.def` as it is now: build again with `--force`.' hint 3
report=$(timeout 5 apptainer exec static.sif /bin/cat /etc/report </dev/null 2>/dev/null) || fail \
	'`static.sif` ne contient pas `/etc/report` : gardez dans `%post` la ligne qui l’écrit.' \
	'`static.sif` holds no `/etc/report`: keep the line of `%post` that writes it.' hint 3
[ "$report" = root ] || fail "\`/etc/report\` devrait dire « root », il dit « $report »." "\`/etc/report\` should say \"root\", it says \"$report\"." hint 3
pass
