#!/bin/bash
#SBATCH --job-name=wrong
#SBATCH --output=wrong.txt
echo "Reading the data"
exit 3
