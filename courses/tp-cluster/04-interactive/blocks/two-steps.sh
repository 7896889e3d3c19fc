#!/bin/bash
echo "script on $(hostname)"
srun sh -c 'echo "step $SLURM_STEP_ID on $(hostname)"'
srun --nodes=1 --ntasks=1 sh -c 'echo "step $SLURM_STEP_ID on $(hostname)"'
