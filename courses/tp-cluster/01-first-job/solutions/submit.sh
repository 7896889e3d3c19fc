cat > first.sh <<'END'
#!/bin/bash
#SBATCH --time=2
echo "Computed on $(hostname), job $SLURM_JOB_ID"
END
sbatch first.sh
until [ -z "$(squeue -h --name=first.sh)" ]; do sleep 1; done
cat slurm-*.out
