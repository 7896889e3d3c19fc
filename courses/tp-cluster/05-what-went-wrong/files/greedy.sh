#!/bin/bash
#SBATCH --job-name=greedy
#SBATCH --output=greedy.txt
#SBATCH --time=2
#SBATCH --mem=64M
echo "Loading the table"
perl -e 'my $table = "a" x shift; sleep 5; print "Loaded ", length $table, " bytes\n"' 100000000
