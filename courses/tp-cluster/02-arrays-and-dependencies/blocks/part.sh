#!/bin/bash
#SBATCH --job-name=part
#SBATCH --array=1-4
#SBATCH --output=part-%a.txt
word=$(cat words-$SLURM_ARRAY_TASK_ID.txt) || exit 1
echo "$word in capitals: ${word^^}"
