#!/bin/bash
#SBATCH --job-name=cast
#SBATCH --output=cast.txt
#SBATCH --time=2
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
srun cp busybox.sif /tmp/busybox.sif
srun apptainer exec /tmp/busybox.sif sh -c 'echo "$(hostname) read $APPTAINER_CONTAINER"'
srun rm /tmp/busybox.sif
