#!/bin/bash
. /opt/etabli/check.sh

[ -x gpu.sh ] || fail 'Il n’y a pas encore de script `gpu.sh` exécutable : écrivez-le, puis `chmod +x gpu.sh`.' 'There is no executable script `gpu.sh` yet: write it, then `chmod +x gpu.sh`.' hint 1
code=0
said=$(timeout 5 apptainer exec --nv lolcow.sif ./gpu.sh echo computed </dev/null 2>&1) || code=$?
[ $code = 3 ] || fail "Sans carte, \`gpu.sh\` devrait rendre 3, et rend $code : finissez ce cas par \`exit 3\`." "Without a card \`gpu.sh\` should end with 3, and ends with $code: end that case with \`exit 3\`." hint 1
[ -n "$said" ] || fail '`gpu.sh` refuse, mais ne dit pas pourquoi : ajoutez un `echo "…" >&2` avant `exit 3`.' '`gpu.sh` refuses, but does not say why: add an `echo "…" >&2` before `exit 3`.' hint 1
said=$(timeout 5 apptainer exec --env CARD=/dev/null lolcow.sif ./gpu.sh echo computed </dev/null 2>&1) || said=
matches "$said" '^computed$' || fail 'Avec `CARD=/dev/null`, `gpu.sh` n’exécute pas la commande donnée : finissez par `exec "$@"`.' 'With `CARD=/dev/null`, `gpu.sh` does not run the command that it is given: end with `exec "$@"`.' hint 1
pass
