bash night.sh
until [ -z "$(squeue -h --name=convert,greedy)" ]; do sleep 1; done
squeue --states=all -o '%.6i %10j %.10T %.24r' > night.txt
cat night.txt
