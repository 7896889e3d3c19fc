#!/bin/sh
. /opt/etabli/check.sh

list=$(apptainer instance list 2>/dev/null) || broken 'apptainer instance list'
[ "$(printf '%s\n' "$list" | grep -c .)" -le 1 ] || fail 'Des instances tournent encore : arrêtez-les toutes (`apptainer instance stop --all`).' 'Instances still run: stop them all (`apptainer instance stop --all`).' hint 1
file_contains left.txt '^INSTANCE NAME' || fail 'Tout est arrêté. Gardez-en la preuve dans `left.txt` : `apptainer instance list > left.txt`.' 'All is stopped. Keep the proof in `left.txt`: `apptainer instance list > left.txt`.' hint 1
[ "$(grep -c . left.txt)" -eq 1 ] || fail '`left.txt` montre encore des instances : refaites-le, maintenant qu’elles sont arrêtées.' '`left.txt` still shows instances: make it again, now that they are stopped.' hint 2
pass
