cat > everywhere.sh <<'END'
#!/bin/bash
#SBATCH --job-name=everywhere
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=everywhere.txt
srun apptainer exec busybox.sif sh -c 'echo "$(hostname) task $SLURM_PROCID of $SLURM_NTASKS"'
END
sbatch everywhere.sh
until [ -z "$(squeue -h --name=everywhere)" ]; do sleep 1; done
cat everywhere.txt
