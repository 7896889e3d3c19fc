cat > together.sh <<'END'
#!/bin/bash
#SBATCH --job-name=together
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=together.txt
srun --mpi=pmix apptainer exec openmpi.sif ./ring
END
sbatch together.sh
until [ -z "$(squeue -h --name=together)" ]; do sleep 1; done
cat together.txt
