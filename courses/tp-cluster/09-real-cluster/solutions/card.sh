sinfo -o '%P %l %D %c %m' > card.txt
scontrol show config | grep -E '^(DefMemPerCPU|MaxArraySize|SLURM_VERSION)' >> card.txt
cat card.txt
