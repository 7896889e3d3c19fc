# A new sandbox knows nothing of the night.
squeue -h --states=all --name=slow -o %T | grep -q . || bash night.sh
until [ -z "$(squeue -h --name=slow)" ]; do sleep 1; done
echo "200 readings" > data.ready
sbatch slow.sh
until [ -z "$(squeue -h --name=slow)" ]; do sleep 1; done
cat slow.txt
