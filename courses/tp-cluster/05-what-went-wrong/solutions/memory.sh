sed -i 's/--mem=64M/--mem=150M/' greedy.sh
sbatch greedy.sh
until [ -z "$(squeue -h --name=greedy)" ]; do sleep 1; done
cat greedy.txt
