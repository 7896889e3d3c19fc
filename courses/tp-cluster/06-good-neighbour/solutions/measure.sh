job=$(sbatch --parsable heavy.sh)
until [ -z "$(squeue -h --name=heavy)" ]; do sleep 1; done
bash seff.sh $job > report.txt
cat report.txt
