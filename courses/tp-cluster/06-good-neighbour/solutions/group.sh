cat > group.sh <<'END'
#!/bin/bash
#SBATCH --job-name=group
#SBATCH --output=group-%a.txt
#SBATCH --time=1
#SBATCH --mem=32M
#SBATCH --array=0-3
mkdir -p results
for n in $(seq $((6 * SLURM_ARRAY_TASK_ID + 1)) $((6 * SLURM_ARRAY_TASK_ID + 6))); do
	echo $((n * n)) > results/$n.txt
done
END
sbatch group.sh
until [ -z "$(squeue -h --name=group)" ]; do sleep 1; done
ls results
