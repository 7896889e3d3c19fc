#!/bin/bash
. /opt/etabli/check.sh

file_exists almanac.def || fail 'Il n’y a pas encore de recette `almanac.def` : écrivez-la, ou mettez le bloc en place.' 'There is no recipe `almanac.def` yet: write it, or put the block in place.' hint 1
is_sif whole.sif || fail 'L’image `whole.sif` n’est pas encore construite : `apptainer build whole.sif almanac.def`.' 'The image `whole.sif` is not built yet: `apptainer build whole.sif almanac.def`.' hint 2
sif_built_from whole.sif almanac.def || fail \
	'`whole.sif` n’a pas été construite depuis `almanac.def` tel qu’il est maintenant : reconstruisez avec `--force`.' \
	'`whole.sif` was not built from `almanac.def` as it is now: build again with `--force`.' hint 2
# shellcheck disable=SC2016
said=$(timeout 5 apptainer run whole.sif 'a $5' </dev/null 2>&1) || fail \
	"\`whole.sif\` s’arrête : « $(printf '%s' "$said" | tail -n 1) »" "\`whole.sif\` stops: \"$(printf '%s' "$said" | tail -n 1)\"" hint 1
matches "$said" 'sow nothing' || fail \
	'`whole.sif` ne trouve pas sa table : le `%runscript` doit d’abord aller dans `/srv/almanac`.' \
	'`whole.sif` does not find its table: the `%runscript` has to go to `/srv/almanac` first.' hint 1
matches "$said" '^for: a \$5$' || fail \
	'`whole.sif` ne transmet pas ses arguments tels quels : écrivez `"${@:-everybody}"`, avec les guillemets.' \
	'`whole.sif` does not hand its arguments over as they are: write `"${@:-everybody}"`, with the quotes.' hint 1
pass
