cat > flow.sh <<'END'
#!/bin/bash
set -e
mkdir -p logs
prepare=$(sbatch --parsable prepare.sh "$1")
count=$(sbatch --parsable --dependency=afterok:$prepare --kill-on-invalid-dep=yes count.sh)
merge=$(sbatch --parsable --dependency=afterok:$count --kill-on-invalid-dep=yes merge.sh)
alarm=$(sbatch --parsable --dependency=afternotok:$count --kill-on-invalid-dep=yes --job-name=alarm --output=alarm.txt --wrap='echo "count failed:"; grep damaged logs/count-*.txt')
echo "prepare is job $prepare, count is job $count, merge is job $merge, alarm is job $alarm"
END
bash flow.sh damaged.txt
until [ -z "$(squeue -h --name=prepare,count,merge,alarm)" ]; do sleep 1; done
cat alarm.txt
