#!/bin/bash
#SBATCH --job-name=contained
#SBATCH --output=contained.txt
apptainer exec busybox.sif cat /etc/os-release
