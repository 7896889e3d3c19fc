#!/bin/bash
#SBATCH --job-name=convert
#SBATCH --output=convert.txt
#SBATCH --time=2
echo "Converting windows.csv"
dos2unix < windows.csv > unix.csv || exit
echo "Converted $(wc -l < unix.csv) lines"
