#!/bin/bash
. /opt/etabli/check.sh

file_exists job.sh || fail 'Il n’y a pas encore de script `job.sh` : écrivez-le dans le dossier de la leçon.' 'There is no script `job.sh` yet: write it in the lesson’s folder.' hint 1
file_contains job.sh '^[^#]*verify' || fail '`job.sh` ne vérifie pas la signature : `apptainer verify`, avant de lancer l’image.' '`job.sh` does not verify the signature: `apptainer verify`, before the image is run.' hint 2
file_contains job.sh '^[^#]*(--containall|-C) ' || fail '`job.sh` n’isole pas l’exécution : `apptainer run --containall`.' '`job.sh` does not isolate the run: `apptainer run --containall`.' hint 2
file_contains job.sh 'address\.txt|@sha256:' || fail '`job.sh` ne tire pas l’image par son adresse exacte, celle de `address.txt`.' '`job.sh` does not pull the image by its exact address, that of `address.txt`.' hint 2
is_sif remote/heat.sif || fail 'Le script est là ; lancez-le : il doit faire `remote/heat.sif`.' 'The script is there; run it: it has to make `remote/heat.sif`.' hint 2
same_content remote/heat.sif heat.sif || fail '`remote/heat.sif` n’est pas l’image que vous avez publiée : tirez-la par l’adresse de `address.txt`.' '`remote/heat.sif` is not the image that you published: pull it by the address in `address.txt`.' hint 2
file_contains remote/result.txt "^$CELLS cells" || fail "\`remote/result.txt\` n’est pas le résultat de votre cas, $CELLS cellules : lancez l’image avec \`$CELLS 200\`." "\`remote/result.txt\` is not the result of your case, $CELLS cells: run the image with \`$CELLS 200\`." hint 2
same_content remote/result.txt reference.txt || fail '`remote/result.txt` diffère de `reference.txt` : relancez `job.sh`, avec les mêmes nombres.' '`remote/result.txt` differs from `reference.txt`: run `job.sh` again, with the same numbers.' hint 2
pass
