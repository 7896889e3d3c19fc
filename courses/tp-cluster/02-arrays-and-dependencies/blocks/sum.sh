#!/bin/bash
#SBATCH --job-name=sum
#SBATCH --output=total.txt
cat square-*.txt | paste -sd+ | sed 's/.*/echo $((&))/' | bash
