#!/bin/sh
. /opt/etabli/check.sh

job '^outside$' || fail 'Le travail « outside » n’a pas encore été soumis.' 'The job "outside" has not been submitted yet.' hint 1
job '^outside$' over yes || fail 'Le travail « outside » n’est pas encore fini.' 'The job "outside" has not ended yet.' hint 1
job '^outside$' state COMPLETED output '^partition long$' output '^account physics$' || fail \
	'« outside » a tourné, mais pas dans la partition `long` avec le compte `physics` : `site.sh` était-il chargé (`. ./site.sh`) dans ce terminal ?' \
	'"outside" has run, but not in the partition `long` with the account `physics`: was `site.sh` loaded (`. ./site.sh`) in this terminal?' hint 2
! file_contains outside.sh '^#SBATCH.*(--partition|--account|-[pA] )' || fail \
	'Le script nomme encore une partition ou un compte : ils doivent être dans `site.sh` seul.' \
	'The script still names a partition or an account: they should be in `site.sh` alone.' hint 2
pass
