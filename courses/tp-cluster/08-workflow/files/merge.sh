#!/bin/bash
#SBATCH --job-name=merge
#SBATCH --output=logs/merge.txt
#SBATCH --time=2
# Adds up the counts.
apptainer exec busybox.sif awk '{ sum += $1 } END { print sum }' counts/*.txt > total.txt
