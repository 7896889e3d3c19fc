#!/bin/bash
#SBATCH --job-name=stage
#SBATCH --output=stage.txt
#SBATCH --time=2
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf readings.tar.gz -C "$work"
apptainer exec --bind "$work:/data" busybox.sif sh -c 'cat /data/readings/*.txt | awk "{ sum += \$1 } END { print sum }" > /data/total.txt'
cp "$work/total.txt" .
echo "$(hostname): $(ls "$work/readings" | wc -l) files, total $(cat total.txt)"
