#!/bin/bash
mkdir -p www
echo "bleu de la leçon" > www/index.html
apptainer instance stop blue 2> /dev/null
apptainer instance start --env ROOM=42 --bind www:/srv/www:ro web.sif blue 8082
apptainer exec instance://blue sh -c 'echo "ROOM=$ROOM"' > inside.txt
apptainer exec --bind /etc:/mine instance://blue ls /mine >> inside.txt 2>&1 || echo "code $?" >> inside.txt
curl -s --retry 5 --retry-connrefused localhost:8082
