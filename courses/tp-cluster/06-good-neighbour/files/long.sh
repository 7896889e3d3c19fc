#!/bin/bash
#SBATCH --job-name=long
#SBATCH --output=long.txt
#SBATCH --nodes=1
#SBATCH --exclusive
#SBATCH --time=9
echo long >> order.txt
sleep 1
