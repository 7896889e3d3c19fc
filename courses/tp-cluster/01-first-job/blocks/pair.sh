#!/bin/bash
#SBATCH --job-name=pair
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=2
#SBATCH --output=pair.txt
echo "The script runs on $(hostname)"
srun hostname
