cat > portable.sh <<'END'
#!/bin/bash
#SBATCH --job-name=portable
#SBATCH --output=portable.txt
#SBATCH --time=2
set -eu
find_tool() { command -v apptainer || command -v singularity; }
if ! find_tool && type module; then
	module load apptainer || module load singularity
fi >/dev/null 2>&1
tool=$(find_tool) || { echo "no apptainer here: ask for the name of its module" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tool" exec --bind "$work:/data" busybox.sif sh -c '. /etc/os-release; echo "$PRETTY_NAME" > /data/result.txt'
cp "$work/result.txt" .
END
sbatch portable.sh
until [ -z "$(squeue -h --name=portable)" ]; do sleep 1; done
cat result.txt
