#!/bin/bash
. /opt/etabli/check.sh

file_exists heat.def || fail 'Il n’y a pas encore de recette `heat.def`.' 'There is no recipe `heat.def` yet.' hint 1
is_sif heat.sif || fail 'L’image `heat.sif` n’est pas encore construite.' 'The image `heat.sif` is not built yet.' hint 2
sif_built_from heat.sif heat.def || fail '`heat.sif` n’a pas été construite depuis `heat.def` tel qu’il est maintenant.' '`heat.sif` was not built from `heat.def` as it is now.' hint 2
[ "$(sif_label heat.sif Version)" = 1.0 ] || fail 'L’étiquette `Version` de `heat.sif` doit être `1.0`, donnée par `--build-arg`.' 'The label `Version` of `heat.sif` has to be `1.0`, given by `--build-arg`.' hint 2
sif_at_most heat.sif 2621440 || fail "\`heat.sif\` pèse $(readable_size "$(sif_size heat.sif)") : le compilateur y est resté." "\`heat.sif\` weighs $(readable_size "$(sif_size heat.sif)"): the compiler was left in it." hint 1
matches "$(sif_test heat.sif)" 'heat' || fail '`heat.sif` n’a pas de `%test` qui lance `heat`.' '`heat.sif` has no `%test` that runs `heat`.' hint 1
program=$(timeout 5 apptainer exec heat.sif sh -c 'command -v heat' </dev/null 2>/dev/null) || program=
# Only a test that notices is one: the same image, its program taken away.
[ -z "$program" ] || ! timeout 5 apptainer test --bind "/dev/null:$program" heat.sif </dev/null >/dev/null 2>&1 || fail \
	'Le `%test` de `heat.sif` réussit même quand on lui enlève `heat` : il doit commencer par `set -e`, et comparer le total.' \
	'The `%test` of `heat.sif` goes well even when `heat` is taken away: it has to begin with `set -e`, and to compare the total.' hint 1
said=$(timeout 5 apptainer run heat.sif "$CELLS" 200 </dev/null 2>&1) || fail '`heat.sif` ne se lance pas.' '`heat.sif` does not run.' hint 1
[ "$said" = "$(cat reference.txt 2>/dev/null)" ] || fail '`heat.sif` ne dit pas la même chose que `reference.txt`.' '`heat.sif` does not say the same as `reference.txt`.' hint 2
pass
