#!/bin/bash
. /opt/etabli/check.sh

shared() { debugfs -R 'cat /upper/opt/shared' "$1" 2>/dev/null | tr -d '\000'; }
file_exists team.img || fail 'Il n’y a pas encore de calque `team.img`.' 'There is no overlay `team.img` yet.' hint 1
[ -n "$(shared team.img)" ] || fail '`team.img` ne contient pas de fichier `/opt/shared`.' '`team.img` holds no file `/opt/shared`.' hint 1
file_exists mine.img || fail '`team.img` est prêt. Reste votre calque, `mine.img`.' '`team.img` is ready. What remains is your overlay, `mine.img`.' hint 1
[ -n "$(shared mine.img)" ] || fail '`mine.img` ne contient pas encore votre version de `/opt/shared`.' '`mine.img` does not hold your version of `/opt/shared` yet.' hint 2
[ "$(shared mine.img)" != "$(shared team.img)" ] || fail 'Les deux calques disent la même chose : changez `/opt/shared` à travers `mine.img`.' 'Both overlays say the same: change `/opt/shared` through `mine.img`.' hint 2
pass
