cat > square.sh <<'END'
#!/bin/bash
#SBATCH --job-name=square
#SBATCH --array=1-4
#SBATCH --output=square-%a.txt
n=$SLURM_ARRAY_TASK_ID
echo $((n * n))
END
sbatch square.sh
until [ -z "$(squeue -h --name=square)" ]; do sleep 1; done
cat square-*.txt
