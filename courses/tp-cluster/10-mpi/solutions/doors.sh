cat > doors.sh <<'END'
#!/bin/bash
#SBATCH --job-name=doors
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=doors.txt
echo "== --cleanenv"
srun --mpi=pmix apptainer exec --cleanenv openmpi.sif ./ring
echo "== --contain"
srun --mpi=pmix apptainer exec --contain --bind "$PWD" --pwd "$PWD" openmpi.sif ./ring || echo "code $?"
echo "== --contain, with the node's /tmp"
srun --mpi=pmix apptainer exec --contain --bind "$PWD,/tmp" --pwd "$PWD" openmpi.sif ./ring
END
sbatch doors.sh
until [ -z "$(squeue -h --name=doors)" ]; do sleep 1; done
cat doors.txt
