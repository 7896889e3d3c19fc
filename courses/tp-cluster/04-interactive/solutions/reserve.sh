cat > two-steps.sh <<'END'
#!/bin/bash
echo "script on $(hostname)"
srun sh -c 'echo "step $SLURM_STEP_ID on $(hostname)"'
srun --nodes=1 --ntasks=1 sh -c 'echo "step $SLURM_STEP_ID on $(hostname)"'
END
salloc --job-name=bench --nodes=2 --time=5 bash two-steps.sh > steps.txt
cat steps.txt
