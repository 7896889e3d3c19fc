rm -f order.txt
sbatch first.sh
until [ -s order.txt ]; do sleep 1; done
sbatch wide.sh
sbatch long.sh
sbatch short.sh
sleep 3
squeue --start
until [ -z "$(squeue -h --name=first,wide,long,short)" ]; do sleep 1; done
cat order.txt
