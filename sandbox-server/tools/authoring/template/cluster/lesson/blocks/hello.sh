#!/bin/bash
#SBATCH --job-name=hello
#SBATCH --output=hello.txt
#SBATCH --time=2
echo "Computed on $(hostname), job $SLURM_JOB_ID"
