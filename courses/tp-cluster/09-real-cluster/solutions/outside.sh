cat > site.sh <<'END'
# What is peculiar to this cluster. On another one, only this file is another.
export SBATCH_PARTITION=long
export SBATCH_TIMELIMIT=15
export SBATCH_ACCOUNT=physics
END
cat > outside.sh <<'END'
#!/bin/bash
#SBATCH --job-name=outside
#SBATCH --output=outside.txt
#SBATCH --ntasks=1
echo "partition $SLURM_JOB_PARTITION"
echo "account ${SLURM_JOB_ACCOUNT:-none}"
END
(. ./site.sh; sbatch outside.sh)
until [ -z "$(squeue -h --name=outside)" ]; do sleep 1; done
cat outside.txt
