cat > sum.sh <<'END'
#!/bin/bash
#SBATCH --job-name=sum
#SBATCH --output=total.txt
cat square-*.txt | paste -sd+ | sed 's/.*/echo $((&))/' | bash
END
first=$(sbatch --parsable square.sh)
sbatch --dependency=afterok:$first sum.sh
squeue
until [ -z "$(squeue -h --name=sum)" ]; do sleep 1; done
cat total.txt
