srun apptainer exec busybox.sif sh -c '. /etc/os-release; echo "$(hostname) runs $PRETTY_NAME"' > inside.txt
cat inside.txt
