echo gamma > words-3.txt
sbatch --array=3 part.sh
until [ -z "$(squeue -h --name=part)" ]; do sleep 1; done
cat part-3.txt
