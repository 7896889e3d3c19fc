#!/bin/bash
#SBATCH --job-name=scratch
#SBATCH --nodelist=c2
#SBATCH --output=scratch.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'c\na\nb\n' > "$work/lines"
apptainer exec --bind "$work:/data" busybox.sif sort -o /data/sorted /data/lines
echo "$(hostname) sorted $(wc -l < "$work/sorted") lines" > result.txt
