salloc --job-name=forgotten --nodes=2 --exclusive --time=10 --no-shell
sbatch --job-name=waiting --output=waiting.txt --wrap='echo "at last, on $(hostname)"'
squeue
scancel --name=forgotten
until [ -z "$(squeue -h --name=waiting)" ]; do sleep 1; done
cat waiting.txt
