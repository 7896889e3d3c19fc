#!/bin/bash
. /opt/etabli/check.sh

shared() { debugfs -R 'cat /upper/opt/shared' "$1" 2>/dev/null | tr -d '\000'; }
file_exists team.img || fail 'Il n’y a pas encore de calque `team.img` : `apptainer overlay create --size 64 team.img`.' 'There is no overlay `team.img` yet: `apptainer overlay create --size 64 team.img`.' hint 1
[ -n "$(shared team.img)" ] || fail '`team.img` ne contient pas de fichier `/opt/shared` : écrivez-le à travers `--overlay team.img`.' '`team.img` holds no file `/opt/shared`: write it through `--overlay team.img`.' hint 1
file_exists mine.img || fail '`team.img` est prêt. Reste votre calque, `mine.img`, à créer de même.' '`team.img` is ready. What remains is your overlay, `mine.img`, to be made in the same way.' hint 1
[ -n "$(shared mine.img)" ] || fail '`mine.img` ne contient pas encore votre version de `/opt/shared` : écrivez-la avec les deux calques, `team.img:ro` d’abord.' '`mine.img` does not hold your version of `/opt/shared` yet: write it with both overlays, `team.img:ro` first.' hint 2
[ "$(shared mine.img)" != "$(shared team.img)" ] || fail 'Les deux calques disent la même chose : changez `/opt/shared` à travers `mine.img`.' 'Both overlays say the same: change `/opt/shared` through `mine.img`.' hint 2
pass
