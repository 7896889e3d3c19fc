#!/bin/bash
. /opt/etabli/check.sh

file_exists job.sh || fail 'Il n’y a pas encore de script `job.sh`.' 'There is no script `job.sh` yet.' hint 1
file_contains job.sh '^[^#]*verify' || fail '`job.sh` ne vérifie pas la signature.' '`job.sh` does not verify the signature.' hint 2
file_contains job.sh '^[^#]*(--containall|-C) ' || fail '`job.sh` n’isole pas l’exécution.' '`job.sh` does not isolate the run.' hint 2
file_contains job.sh 'address\.txt|@sha256:' || fail '`job.sh` ne tire pas l’image par son adresse exacte.' '`job.sh` does not pull the image by its exact address.' hint 2
is_sif remote/heat.sif || fail 'Le script est là ; lancez-le : il doit faire `remote/heat.sif`.' 'The script is there; run it: it has to make `remote/heat.sif`.' hint 2
same_content remote/heat.sif heat.sif || fail '`remote/heat.sif` n’est pas l’image que vous avez publiée.' '`remote/heat.sif` is not the image that you published.' hint 2
file_contains remote/result.txt "^$CELLS cells" || fail "\`remote/result.txt\` n’est pas le résultat de votre cas, $CELLS cellules." "\`remote/result.txt\` is not the result of your case, $CELLS cells." hint 2
same_content remote/result.txt reference.txt || fail '`remote/result.txt` diffère de `reference.txt`.' '`remote/result.txt` differs from `reference.txt`.' hint 2
pass
