#!/bin/bash
. /opt/etabli/check.sh

[ -x build.sh ] || fail 'Il n’y a pas encore de script `build.sh` exécutable : écrivez-le, puis `chmod +x build.sh`.' 'There is no executable script `build.sh` yet: write it, then `chmod +x build.sh`.' hint 1
is_sif kept.sif || fail 'Le script est là ; construisez avec lui `kept.sif` depuis `light.def`.' 'The script is there; build `kept.sif` from `light.def` with it.' hint 2
sif_at_most kept.sif 2097152 || fail '`kept.sif` dépasse le budget de 2 Mio : construisez-la depuis `light.def`, avec le script.' '`kept.sif` is over the budget of 2 MiB: build it from `light.def`, with the script.' hint 2
[ ! -e refused.sif ] || fail '`refused.sif` existe : le script n’a pas refusé l’image trop lourde. Effacez-la, et ne renommez que ce qui tient dans le budget.' '`refused.sif` exists: the script did not refuse the image that is too heavy. Delete it, and rename only what is within the budget.' hint 1
# A script that could not be found or executed has refused nothing.
matches "$(commands | grep -v '^12[67]')" 'build\.sh +refused\.sif +[^ ]*heavy\.def' || fail 'Reste à voir le refus : `./build.sh refused.sif heavy.def`.' 'What remains is to see the refusal: `./build.sh refused.sif heavy.def`.' hint 2
pass
