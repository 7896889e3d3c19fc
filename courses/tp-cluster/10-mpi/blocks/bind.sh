#!/bin/bash
#SBATCH --job-name=bind
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=bind.txt
srun --mpi=pmi2 apptainer run --bind "$PWD/site-mpi:/opt/mpich" app.sif
