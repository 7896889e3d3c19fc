#!/bin/bash
#SBATCH --job-name=wide
#SBATCH --output=wide.txt
#SBATCH --nodes=2
#SBATCH --exclusive
#SBATCH --time=5
echo wide >> order.txt
sleep 1
