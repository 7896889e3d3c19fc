#!/bin/bash
. /opt/etabli/check.sh

file_exists light.def || fail 'Il n’y a pas encore de recette `light.def` : écrivez-la, ou mettez le bloc en place.' 'There is no recipe `light.def` yet: write it, or put the block in place.' hint 1
is_sif light.sif || fail '`light.sif` n’est pas encore construite : `apptainer build light.sif light.def`.' '`light.sif` is not built yet: `apptainer build light.sif light.def`.' hint 1
sif_built_from light.sif light.def || fail '`light.sif` n’a pas été construite depuis `light.def` tel qu’il est maintenant : reconstruisez avec `--force`.' '`light.sif` was not built from `light.def` as it is now: build again with `--force`.' hint 1
sif_at_most light.sif 2621440 || fail "\`light.sif\` pèse encore $(readable_size "$(sif_size light.sif)") : il y reste de l’outillage. La seconde partie doit partir de \`debian-mini:1.0\`, et ne prendre que le programme." "\`light.sif\` still weighs $(readable_size "$(sif_size light.sif)"): tools are left in it. The second part has to start from \`debian-mini:1.0\`, and to take the program only." hint 2
said=$(timeout 5 apptainer run light.sif 1000000 </dev/null 2>&1) || fail "\`light.sif\` ne calcule plus : « $(printf '%s' "$said" | tail -n 1) »" "\`light.sif\` no longer computes: \"$(printf '%s' "$said" | tail -n 1)\"" hint 2
matches "$said" '^3\.14159' || fail '`light.sif` ne donne pas le même résultat que `heavy.sif` : gardez-en le programme et le `%runscript`.' '`light.sif` does not give the same result as `heavy.sif`: keep its program and its `%runscript`.' hint 2
pass
