#!/bin/bash
#SBATCH --job-name=family
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=family.txt
echo "== a program of Open MPI, in the image of MPICH"
srun --mpi=pmix apptainer exec mpich.sif ./ring || echo "code $?"
echo "== a program of MPICH, by PMIx"
srun --mpi=pmix apptainer exec mpich.sif ./ring-mpich
echo "== the same, by PMI-2"
srun --mpi=pmi2 apptainer exec mpich.sif ./ring-mpich
