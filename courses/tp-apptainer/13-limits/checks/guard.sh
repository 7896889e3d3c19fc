#!/bin/bash
. /opt/etabli/check.sh

[ -x guard.sh ] || fail 'Il n’y a pas encore de script `guard.sh` exécutable : écrivez-le, puis `chmod +x guard.sh`.' 'There is no executable script `guard.sh` yet: write it, then `chmod +x guard.sh`.' hint 1
code=0
timeout 4 ./guard.sh sh -c 'exit 7' </dev/null >/dev/null 2>&1 || code=$?
[ $code = 7 ] || fail "\`./guard.sh sh -c 'exit 7'\` devrait rendre 7, et rend $code : le code de la commande doit être celui du script." "\`./guard.sh sh -c 'exit 7'\` should end with 7, and ends with $code: the code of the command has to be that of the script." hint 2
large=$(mktemp -u /tmp/guard-XXXXXX)
code=0
timeout 4 ./guard.sh sh -c "head -c 3000000 /dev/zero > $large" </dev/null >/dev/null 2>&1 || code=$?
size=$(stat -c %s "$large" 2>/dev/null || echo 0)
rm -f "$large"
[ "$size" -le 1048576 ] || fail 'Un fichier de 3 Mo a pu être écrit : il manque `ulimit -f 1024`.' 'A file of 3 MB could be written: `ulimit -f 1024` is missing.' hint 1
file_contains guard.sh 'timeout +([^ ]+ +)*3' || fail 'Le script ne borne pas le temps : mettez `timeout 3` devant la commande.' 'The script does not bound the time: put `timeout 3` before the command.' hint 1
pass
