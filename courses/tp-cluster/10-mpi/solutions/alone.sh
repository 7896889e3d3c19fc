cat > alone.sh <<'END'
#!/bin/bash
#SBATCH --job-name=alone
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=alone.txt
srun apptainer exec openmpi.sif ./ring
END
sbatch alone.sh
until [ -z "$(squeue -h --name=alone)" ]; do sleep 1; done
cat alone.txt
