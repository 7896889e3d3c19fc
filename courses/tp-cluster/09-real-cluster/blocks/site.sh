# What is peculiar to this cluster. On another one, only this file is another.
export SBATCH_PARTITION=long
export SBATCH_TIMELIMIT=15
export SBATCH_ACCOUNT=physics
