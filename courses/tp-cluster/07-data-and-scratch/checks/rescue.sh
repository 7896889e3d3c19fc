#!/bin/sh
. /opt/etabli/check.sh

job '^rescue$' || fail 'Le travail « rescue » n’a pas encore été soumis.' 'The job "rescue" has not been submitted yet.' hint 1
job '^rescue$' over yes || fail 'Le travail « rescue » n’est pas encore fini.' 'The job "rescue" has not ended yet.' hint 1
job '^rescue$' state FAILED exit 4 || fail \
	"« rescue » a fini dans l’état $(job_says '^rescue$' state), avec le code $(job_says '^rescue$' exit) : il doit échouer, avec le code 4." \
	"\"rescue\" ended as $(job_says '^rescue$' state), with the code $(job_says '^rescue$' exit): it has to fail, with the code 4." hint 1
file_contains rescued.txt '^line 3, on c[12]$' || fail \
	'Le journal n’est pas revenu : il manque, dans le dossier de la leçon, un `rescued.txt` avec sa troisième ligne.' \
	'The log has not come back: a `rescued.txt` with its third line is missing in the lesson’s folder.' hint 2
for node in c1 c2; do
	left=$(on_host $node find /tmp -maxdepth 1 -name 'rescue*' -print -quit)
	[ -z "$left" ] || fail \
		"Il reste \`$left\` sur $node : effacez-le (\`srun -w $node rm -r …\`), et que le travail l’efface lui-même." \
		"\`$left\` is left on $node: remove it (\`srun -w $node rm -r …\`), and have the job remove it by itself." hint 2
done
pass
