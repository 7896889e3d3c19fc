#!/bin/bash
#SBATCH --job-name=count
#SBATCH --output=logs/count-%a.txt
#SBATCH --time=2
#SBATCH --array=1-4
# Counts the words of one part, and refuses a part that is damaged.
set -e
part=$SLURM_ARRAY_TASK_ID
if grep -n damaged "parts/$part.txt"; then exit 1; fi
apptainer exec busybox.sif awk '{ words += NF } END { print words }' "parts/$part.txt" > "counts/$part.txt"
