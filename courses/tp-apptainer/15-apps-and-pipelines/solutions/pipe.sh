#!/bin/bash
[ -s busybox.sif ] || apptainer pull --force busybox.sif docker://localhost:5000/busybox:1.0
apptainer run --app clean stations.sif data/brest.csv | apptainer exec busybox.sif sort -rn | head -n 1 > top.txt
bash -c 'set -o pipefail; apptainer run --app clean stations.sif data/nosuch.csv | apptainer exec busybox.sif wc -l; echo "code $?"' > pipefail.txt 2>&1
cat top.txt pipefail.txt
