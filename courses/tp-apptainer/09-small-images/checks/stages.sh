#!/bin/bash
. /opt/etabli/check.sh

file_exists light.def || fail 'Il n’y a pas encore de recette `light.def`.' 'There is no recipe `light.def` yet.' hint 1
is_sif light.sif || fail '`light.sif` n’est pas encore construite.' '`light.sif` is not built yet.' hint 1
sif_built_from light.sif light.def || fail '`light.sif` n’a pas été construite depuis `light.def` tel qu’il est maintenant.' '`light.sif` was not built from `light.def` as it is now.' hint 1
sif_at_most light.sif 2621440 || fail "\`light.sif\` pèse encore $(readable_size "$(sif_size light.sif)") : il y reste de l’outillage." "\`light.sif\` still weighs $(readable_size "$(sif_size light.sif)"): tools are left in it." hint 2
said=$(timeout 5 apptainer run light.sif 1000000 </dev/null 2>&1) || fail "\`light.sif\` ne calcule plus : « $(printf '%s' "$said" | tail -n 1) »" "\`light.sif\` no longer computes: \"$(printf '%s' "$said" | tail -n 1)\"" hint 2
matches "$said" '^3\.14159' || fail '`light.sif` ne donne pas le même résultat que `heavy.sif`.' '`light.sif` does not give the same result as `heavy.sif`.' hint 2
pass
