cat > scratch.sh <<'END'
#!/bin/bash
#SBATCH --job-name=scratch
#SBATCH --nodelist=c2
#SBATCH --output=scratch.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'c\na\nb\n' > "$work/lines"
apptainer exec --bind "$work:/data" busybox.sif sort -o /data/sorted /data/lines
echo "$(hostname) sorted $(wc -l < "$work/sorted") lines" > result.txt
END
sbatch scratch.sh
until [ -z "$(squeue -h --name=scratch)" ]; do sleep 1; done
cat result.txt
