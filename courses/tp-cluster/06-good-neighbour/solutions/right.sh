sed -e 's/=heavy/=light/; s/=2$/=1/; s/=400M/=80M/; s/heavy.txt/light.txt/; s/--time=10/--time=2/' heavy.sh > light.sh
job=$(sbatch --parsable light.sh)
until [ -z "$(squeue -h --name=light)" ]; do sleep 1; done
bash seff.sh $job > light-report.txt
cat light-report.txt
