cat > messy.sh <<'END'
#!/bin/bash
#SBATCH --job-name=messy
#SBATCH --output=messy.txt
#SBATCH --time=2
#SBATCH --nodelist=c1
trap 'rm -rf /tmp/messy' EXIT
mkdir -p /tmp/messy
head -c 1000000 /dev/zero > /tmp/messy/half-done
sleep 60
rm -rf /tmp/messy
END
sbatch messy.sh
until srun --nodelist=c1 test -e /tmp/messy/half-done 2> /dev/null; do sleep 1; done
scancel --name=messy
until [ -z "$(squeue -h --name=messy)" ]; do sleep 1; done
srun --nodelist=c1 ls /tmp
