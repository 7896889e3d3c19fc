#!/bin/bash
#SBATCH --job-name=heavy
#SBATCH --output=heavy.txt
#SBATCH --time=10
#SBATCH --cpus-per-task=2
#SBATCH --mem=400M
# Holds a table of 50 MB, and computes for three seconds, on one processor.
perl -e 'my $table = "a" x shift; my $sum = 0; while ((times)[0] < 3) { $sum += $_ for 1 .. 100000 } print length $table, " bytes\n"' 50000000
# What it has used so far: memory at its peak, as Slurm sees it; processor time of the shell, and of what it has started.
sstat --noheader --parsable2 --format=MaxRSS --jobs=$SLURM_JOB_ID.batch > usage-$SLURM_JOB_ID.txt
times >> usage-$SLURM_JOB_ID.txt
