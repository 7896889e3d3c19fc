first=$(sbatch --parsable --wrap='exit 1')
sbatch --job-name=never --dependency=afterok:$first --wrap='echo never'
until squeue -h -n never -o %r | grep Never; do sleep 1; done
scancel --name=never
