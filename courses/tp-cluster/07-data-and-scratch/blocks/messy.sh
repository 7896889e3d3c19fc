#!/bin/bash
#SBATCH --job-name=messy
#SBATCH --output=messy.txt
#SBATCH --time=2
#SBATCH --nodelist=c1
mkdir -p /tmp/messy
head -c 1000000 /dev/zero > /tmp/messy/half-done
sleep 60
rm -rf /tmp/messy
