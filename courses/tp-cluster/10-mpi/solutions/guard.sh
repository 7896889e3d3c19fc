cat > guard.sh <<'END'
#!/bin/bash
#SBATCH --job-name=guard
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --output=guard-%j.txt
srun --mpi="${KIND:-pmix}" apptainer exec openmpi.sif ./ring > ranks.txt
cat ranks.txt
if [ "$(grep -c "^rank .* of $SLURM_NTASKS on" ranks.txt)" != "$SLURM_NTASKS" ]; then
	echo "ranks do not know each other" >&2
	exit 3
fi
END
sbatch guard.sh
KIND=none sbatch guard.sh
until [ -z "$(squeue -h --name=guard)" ]; do sleep 1; done
tail -n 9 guard-*.txt
