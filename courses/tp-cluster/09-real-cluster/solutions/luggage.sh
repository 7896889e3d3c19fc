cat > tool.sh <<'END'
#!/bin/bash
#SBATCH --job-name=tool
#SBATCH --output=tool.txt
#SBATCH --time=2
if ! command -v apptainer && type module; then
	module load apptainer
fi >/dev/null 2>&1
tool=$(command -v apptainer || command -v singularity) || { echo "no apptainer here" >&2; exit 3; }
"$tool" --version
"$tool" exec busybox.sif sh -c '. /etc/os-release; echo "$PRETTY_NAME"'
END
sha256sum busybox.sif tool.sh > SHA256SUMS
tar -czf luggage.tar.gz busybox.sif tool.sh SHA256SUMS
tar -tzvf luggage.tar.gz
mkdir -p elsewhere
tar -xzf luggage.tar.gz -C elsewhere
(cd elsewhere && sha256sum --check --quiet SHA256SUMS && echo "all of it has arrived whole" > arrived.txt && sbatch tool.sh)
until [ -z "$(squeue -h --name=tool)" ]; do sleep 1; done
cat elsewhere/arrived.txt elsewhere/tool.txt
