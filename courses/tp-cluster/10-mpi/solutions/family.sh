apptainer pull --force mpich.sif docker://localhost:5000/mpich:4.2
apptainer exec mpich.sif mpicc -o ring-mpich ring.c
cat > family.sh <<'END'
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
END
sbatch family.sh
until [ -z "$(squeue -h --name=family)" ]; do sleep 1; done
cat family.txt
