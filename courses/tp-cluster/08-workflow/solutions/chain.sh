cat > flow.sh <<'END'
#!/bin/bash
set -e
mkdir -p logs
prepare=$(sbatch --parsable prepare.sh "$1")
count=$(sbatch --parsable --dependency=afterok:$prepare count.sh)
merge=$(sbatch --parsable --dependency=afterok:$count merge.sh)
echo "prepare is job $prepare, count is job $count, merge is job $merge"
END
bash flow.sh text.txt
until [ -z "$(squeue -h --name=prepare,count,merge)" ]; do sleep 1; done
cat total.txt
