#!/bin/bash
[ -s almanac.sif ] || apptainer pull --force almanac.sif docker://localhost:5000/almanac:1.0
mkdir -p state
apptainer exec --bind state:/var/lib/almanac almanac.sif touch /var/lib/almanac/x
apptainer exec almanac.sif ls -l /etc/almanac.secret > lost.txt
apptainer exec almanac.sif sh -c 'echo "$ALMANAC_PRICE"' >> lost.txt
cat lost.txt
