#!/bin/bash
#SBATCH --job-name=first
#SBATCH --output=first.txt
#SBATCH --nodes=1
#SBATCH --exclusive
#SBATCH --time=3
#SBATCH --nodelist=c1
echo first >> order.txt
# Four seconds, and until another has slipped in; half a minute at most.
sleep 4
for second in {1..26}; do
	[ "$(wc -l < order.txt)" -lt 2 ] || break
	sleep 1
done
