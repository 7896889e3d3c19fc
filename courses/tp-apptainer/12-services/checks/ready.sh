#!/bin/bash
# The last run of up.sh on a free port went well, and svc serves there; on a taken one it has to refuse, which is what the learner is to have seen.
. /opt/etabli/check.sh

[ -x up.sh ] || fail 'Il n’y a pas encore de script `up.sh` exécutable : écrivez-le, puis `chmod +x up.sh`.' 'There is no executable script `up.sh` yet: write it, then `chmod +x up.sh`.' hint 1
ran '(^|[;&| ])(\./|bash |sh )?up\.sh +[0-9]+' || fail 'Le script est là : lancez `./up.sh 8090`, il doit rendre 0.' 'The script is there: run `./up.sh 8090`, it has to end with 0.' hint 1
# Ended with 1, or said so by echo behind it: ./up.sh 8082 || echo "code $?"
refused() { matches "$(commands)" "^1$(printf '\t').*up\.sh +8082" || printed '(^|[^0-9])1$' 'up\.sh +8082 *(;|\|\|) *echo .*\$\?'; }
# A command that could not be found was no try.
tried() { matches "$(commands | grep -v '^127')" 'up\.sh +8082'; }
tried || fail 'Reste à voir le refus : `./up.sh 8082`, port de `blue`, doit rendre 1. Puis `./up.sh 8090` de nouveau.' 'What remains is to see it refuse: `./up.sh 8082`, the port of `blue`, has to end with 1. Then `./up.sh 8090` again.' hint 2
refused || fail '`./up.sh 8082` n’a pas rendu 1. Ce port répond, mais par `blue` : le script doit regarder si `svc` elle-même fait tourner un serveur.' '`./up.sh 8082` did not end with 1. That port answers, but it is `blue`: the script has to look whether `svc` itself runs a server.' hint 2
instance_running svc || fail 'Le refus est vu, et aucune instance `svc` ne tourne : lancez `./up.sh 8090`.' 'The refusal is seen, and no instance `svc` runs: run `./up.sh 8090`.' hint 1
processes=$(timeout 5 apptainer exec instance://svc ps </dev/null 2>/dev/null) || processes=
matches "$processes" 'httpd' || fail 'L’instance `svc` existe, mais aucun serveur n’y tourne : le port était sans doute pris. Arrêtez-la, et relancez `./up.sh` sur un port libre.' 'The instance `svc` exists, but no server runs in it: the port was most likely taken. Stop it, and run `./up.sh` on a free port again.' hint 2
pass
