mkdir -p elsewhere
tar -xzf luggage.tar.gz -C elsewhere
(cd elsewhere && sha256sum --check --quiet SHA256SUMS && echo "all of it has arrived whole" > arrived.txt && sbatch tool.sh)
until [ -z "$(squeue -h --name=tool)" ]; do sleep 1; done
cat elsewhere/arrived.txt elsewhere/tool.txt
