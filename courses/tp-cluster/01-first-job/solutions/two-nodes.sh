cat > pair.sh <<'END'
#!/bin/bash
#SBATCH --job-name=pair
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=2
#SBATCH --output=pair.txt
echo "The script runs on $(hostname)"
srun hostname
END
sbatch pair.sh
until [ -z "$(squeue -h --name=pair)" ]; do sleep 1; done
cat pair.txt
