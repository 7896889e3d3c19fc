#!/bin/bash
mkdir -p tools
printf '#!/bin/sh\necho "outil maison"\n' > tools/house
chmod +x tools/house
APPTAINERENV_PREPEND_PATH=/opt/tools apptainer exec --bind tools:/opt/tools lolcow.sif house > house.txt
APPTAINERENV_PREPEND_PATH=/opt/tools apptainer exec lolcow.sif sh -c 'echo $PATH' >> house.txt
cat house.txt
