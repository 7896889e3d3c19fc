#!/bin/bash
# The last run of up.sh on a free port went well, and svc serves there; on a taken one it has to refuse, which is what the learner is to have seen.
. /opt/etabli/check.sh

[ -x up.sh ] || fail 'Il n’y a pas encore de script `up.sh` exécutable.' 'There is no executable script `up.sh` yet.' hint 1
ran '(^|[;&| ])(\./|bash |sh )?up\.sh +[0-9]+' || fail 'Le script est là : lancez `./up.sh 8090`, il doit rendre 0.' 'The script is there: run `./up.sh 8090`, it has to end with 0.' hint 1
instance_running svc || fail 'Aucune instance `svc` ne tourne : relancez `./up.sh` sur un port libre.' 'No instance `svc` runs: run `./up.sh` on a free port again.' hint 1
matches "$(commands)" "^1$(printf '\t').*up\.sh +8082" || fail 'Reste à voir le refus : `./up.sh 8082`, port de `blue`, doit rendre 1. Puis `./up.sh 8090` de nouveau.' 'What remains is to see it refuse: `./up.sh 8082`, the port of `blue`, has to end with 1. Then `./up.sh 8090` again.' hint 2
processes=$(timeout 5 apptainer exec instance://svc ps </dev/null 2>/dev/null) || processes=
matches "$processes" 'httpd' || fail 'L’instance `svc` existe, mais aucun serveur n’y tourne.' 'The instance `svc` exists, but no server runs in it.' hint 2
pass
