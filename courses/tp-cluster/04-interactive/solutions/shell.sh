srun --pty bash -c 'echo "job $SLURM_JOB_ID on $(hostname)" > shell.txt'
cat shell.txt
