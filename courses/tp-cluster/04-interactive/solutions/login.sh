hostname > where.txt
srun hostname >> where.txt
cat where.txt
