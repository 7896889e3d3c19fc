#!/bin/bash
#SBATCH --job-name=alone
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=alone.txt
srun apptainer exec openmpi.sif ./ring
