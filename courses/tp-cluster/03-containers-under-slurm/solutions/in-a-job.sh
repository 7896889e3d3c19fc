cat > contained.sh <<'END'
#!/bin/bash
#SBATCH --job-name=contained
#SBATCH --output=contained.txt
apptainer exec busybox.sif cat /etc/os-release
END
sbatch contained.sh
until [ -z "$(squeue -h --name=contained)" ]; do sleep 1; done
cat contained.txt
