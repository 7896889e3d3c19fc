#!/bin/bash
#SBATCH --job-name=prepare
#SBATCH --output=logs/prepare.txt
#SBATCH --time=2
# Cuts the text that it is given into four parts.
set -e
rm -rf parts counts total.txt
mkdir parts counts
apptainer exec busybox.sif awk '{ print > "parts/" int((NR - 1) / 3) + 1 ".txt" }' "$1"
