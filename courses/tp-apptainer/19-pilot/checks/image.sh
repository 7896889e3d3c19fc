#!/bin/bash
. /opt/etabli/check.sh

file_exists heat.def || fail 'Il n’y a pas encore de recette `heat.def` : mettez-la en place.' 'There is no recipe `heat.def` yet: put it in place.' hint 1
is_sif heat.sif || fail 'L’image `heat.sif` n’est pas encore construite : `apptainer build --build-arg VERSION=1.0 heat.sif heat.def`.' 'The image `heat.sif` is not built yet: `apptainer build --build-arg VERSION=1.0 heat.sif heat.def`.' hint 2
sif_built_from heat.sif heat.def || fail '`heat.sif` n’a pas été construite depuis `heat.def` tel qu’il est maintenant : reconstruisez avec `--force`.' '`heat.sif` was not built from `heat.def` as it is now: build again with `--force`.' hint 2
[ "$(sif_label heat.sif Version)" = 1.0 ] || fail 'L’étiquette `Version` de `heat.sif` doit être `1.0`, donnée par `--build-arg`.' 'The label `Version` of `heat.sif` has to be `1.0`, given by `--build-arg`.' hint 2
sif_at_most heat.sif 2621440 || fail "\`heat.sif\` pèse $(readable_size "$(sif_size heat.sif)") : le compilateur y est resté. La seconde partie doit partir de \`debian-mini:1.0\`." "\`heat.sif\` weighs $(readable_size "$(sif_size heat.sif)"): the compiler was left in it. The second part has to start from \`debian-mini:1.0\`." hint 1
matches "$(sif_test heat.sif)" 'heat' || fail '`heat.sif` n’a pas de `%test` qui lance `heat` : ajoutez-le à la recette, et reconstruisez.' '`heat.sif` has no `%test` that runs `heat`: add it to the recipe, and build again.' hint 1
program=$(timeout 5 apptainer exec heat.sif sh -c 'command -v heat' </dev/null 2>/dev/null) || program=
# Only a test that notices is one: the same image, its program taken away.
[ -z "$program" ] || ! timeout 5 apptainer test --bind "/dev/null:$program" heat.sif </dev/null >/dev/null 2>&1 || fail \
	'Le `%test` de `heat.sif` réussit même quand on lui enlève `heat` : il doit commencer par `set -e`, et comparer le total.' \
	'The `%test` of `heat.sif` goes well even when `heat` is taken away: it has to begin with `set -e`, and to compare the total.' hint 1
said=$(timeout 5 apptainer run heat.sif "$CELLS" 200 </dev/null 2>&1) || fail '`heat.sif` ne se lance pas : essayez `./heat.sif`, et lisez ce qu’elle dit.' '`heat.sif` does not run: try `./heat.sif`, and read what it says.' hint 1
[ "$said" = "$(cat reference.txt 2>/dev/null)" ] || fail '`heat.sif` ne dit pas la même chose que `reference.txt` : reconstruisez depuis `heat.c`, ou refaites la référence.' '`heat.sif` does not say the same as `reference.txt`: build again from `heat.c`, or make the reference anew.' hint 2
pass
