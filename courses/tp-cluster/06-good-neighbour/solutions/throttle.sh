cat > polite.sh <<'END'
#!/bin/bash
#SBATCH --job-name=polite
#SBATCH --output=polite-%a.txt
#SBATCH --time=1
#SBATCH --array=1-6%2
sleep 2
echo "task $SLURM_ARRAY_TASK_ID on $(hostname)"
END
sbatch polite.sh
sleep 1
squeue --name=polite
until [ -z "$(squeue -h --name=polite)" ]; do sleep 1; done
cat polite-*.txt
