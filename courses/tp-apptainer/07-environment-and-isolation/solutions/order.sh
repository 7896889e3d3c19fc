#!/bin/bash
COW_BREED=shell apptainer exec lolcow.sif sh -c 'echo $COW_BREED' > order.txt
APPTAINERENV_COW_BREED=prefix apptainer exec lolcow.sif sh -c 'echo $COW_BREED' >> order.txt
echo COW_BREED=file > breed.env
APPTAINERENV_COW_BREED=prefix apptainer exec --env-file breed.env lolcow.sif sh -c 'echo $COW_BREED' >> order.txt
apptainer exec --env-file breed.env --env COW_BREED=option lolcow.sif sh -c 'echo $COW_BREED' >> order.txt
cat order.txt
