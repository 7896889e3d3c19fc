#!/bin/bash
#SBATCH --job-name=clean
#SBATCH --array=1-2
#SBATCH --output=clean-%a.txt
apptainer exec --cleanenv --env TASK=$SLURM_ARRAY_TASK_ID busybox.sif sh -c 'echo "task ${TASK:-unknown}"'
