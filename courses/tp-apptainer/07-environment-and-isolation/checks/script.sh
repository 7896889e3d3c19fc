#!/bin/bash
# The script is run from elsewhere, in an environment that would spoil a careless one.
. /opt/etabli/check.sh

file_exists cow.sh || fail 'Il n’y a pas encore de script `cow.sh` : écrivez-le dans le dossier de la leçon.' 'There is no script `cow.sh` yet: write it in the lesson’s folder.' hint 2
[ -x cow.sh ] || fail '`cow.sh` n’est pas exécutable : `chmod +x cow.sh`.' '`cow.sh` cannot be executed: `chmod +x cow.sh`.' hint 2
here=$PWD
# shellcheck disable=SC2016
said=$(cd / && COW_MOOD=tired timeout 6 "$here/cow.sh" 'cela coute $5' </dev/null 2>&1) || fail \
	"\`cow.sh\`, lancé d’un autre dossier, échoue : « $(printf '%s' "$said" | tail -n 1) »" "\`cow.sh\`, started from another folder, fails: \"$(printf '%s' "$said" | tail -n 1)\"" hint 2
matches "$said" 'cela coute \$5' || fail 'La phrase n’arrive pas telle quelle : `$5` s’est perdu en route. Une option de `run`, vue à la leçon 1, garde les arguments intacts.' 'The sentence does not arrive as it is: `$5` got lost on the way. An option of `run`, seen in lesson 1, keeps arguments as they are.' hint 1
matches "$said" '\(OO\)_' || fail 'La vache n’est pas étonnée (OO) : l’humeur doit venir du script, par `--env`.' 'The cow is not amazed (OO): the mood has to come from the script, by `--env`.' hint 1
file_contains cow.sh '(--containall|-C) ' || fail 'La vache parle bien, mais son conteneur voit encore tout : isolez-le complètement.' 'The cow speaks well, but her container still sees everything: isolate it completely.' hint 1
pass
