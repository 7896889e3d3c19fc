#!/bin/sh
. /opt/etabli/check.sh

job '^bash$' || fail 'Vous n’avez pas encore ouvert de shell sur un nœud.' 'You have not opened a shell on a node yet.' hint 1
job '^bash$' over yes || fail \
	"Votre shell tourne encore sur le nœud (travail n° $(job_says '^bash$' id)) : écrivez-y \`shell.txt\`, puis rendez le nœud par \`exit\`." \
	"Your shell still runs on the node (job no. $(job_says '^bash$' id)): write \`shell.txt\` there, then give the node back by \`exit\`." hint 2
file_exists shell.txt || fail \
	'Il n’y a pas encore de fichier `shell.txt` : écrivez-le depuis le shell du nœud.' \
	'There is no file `shell.txt` yet: write it from the shell on the node.' hint 2
file_contains shell.txt '^job [0-9]+ on c[12]$' || fail \
	"\`shell.txt\` contient « $(excerpt shell.txt) » : il devrait nommer un travail et un nœud. Était-ce bien dans le shell du nœud ?" \
	"\`shell.txt\` holds \"$(excerpt shell.txt)\": it should name a job and a node. Was that in the shell on the node?" hint 2
pass
