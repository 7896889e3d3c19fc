#!/bin/bash
#SBATCH --job-name=outside
#SBATCH --output=outside.txt
#SBATCH --ntasks=1
echo "partition $SLURM_JOB_PARTITION"
echo "account ${SLURM_JOB_ACCOUNT:-none}"
