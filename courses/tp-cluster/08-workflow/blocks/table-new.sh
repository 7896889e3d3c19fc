#!/bin/bash
#SBATCH --job-name=table
#SBATCH --output=table.log
#SBATCH --time=2
set -e
for n in 1 2 3 4; do echo "row $n"; sleep 1; done > table.txt.new
mv table.txt.new table.txt
