cat > wrong.sh <<'END'
#!/bin/bash
#SBATCH --job-name=wrong
#SBATCH --output=wrong.txt
echo "Reading the data"
exit 3
END
sbatch wrong.sh
until [ -z "$(squeue -h --name=wrong)" ]; do sleep 1; done
