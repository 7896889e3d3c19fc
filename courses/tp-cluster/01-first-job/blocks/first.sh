#!/bin/bash
#SBATCH --time=2
echo "Computed on $(hostname), job $SLURM_JOB_ID"
