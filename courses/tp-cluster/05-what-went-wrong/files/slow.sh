#!/bin/bash
#SBATCH --job-name=slow
#SBATCH --output=slow.txt
#SBATCH --time=1
echo "Waiting for data.ready"
until [ -e data.ready ]; do sleep 1; done
echo "The data are ready: $(cat data.ready)"
