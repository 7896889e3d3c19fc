bash incident.sh
sinfo -R > drained.txt
cat drained.txt
scontrol update nodename=c2 state=resume
until [ -z "$(squeue -h --name=both)" ]; do sleep 1; done
cat both.txt
