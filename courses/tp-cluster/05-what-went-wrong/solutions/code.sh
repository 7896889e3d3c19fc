sed -i 's/^dos2unix/apptainer exec busybox.sif dos2unix/' convert.sh
sbatch convert.sh
until [ -z "$(squeue -h --name=convert)" ]; do sleep 1; done
cat convert.txt
