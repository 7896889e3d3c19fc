#!/bin/bash
#SBATCH --job-name=both
#SBATCH --output=both.txt
#SBATCH --time=2
#SBATCH --nodes=2
srun hostname
