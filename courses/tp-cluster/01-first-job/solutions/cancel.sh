sbatch --job-name=endless --wrap='sleep 600'
squeue
scancel --name=endless
until [ -z "$(squeue -h --name=endless)" ]; do sleep 1; done
