#!/bin/bash
#SBATCH --job-name=together
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=together.txt
srun --mpi=pmix apptainer exec openmpi.sif ./ring
