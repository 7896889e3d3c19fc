#!/bin/bash
#SBATCH --job-name=square
#SBATCH --array=1-4
#SBATCH --output=square-%a.txt
n=$SLURM_ARRAY_TASK_ID
echo $((n * n))
