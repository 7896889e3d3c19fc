#!/bin/bash
#SBATCH --job-name=short
#SBATCH --output=short.txt
#SBATCH --nodes=1
#SBATCH --exclusive
#SBATCH --time=1
echo short >> order.txt
sleep 1
