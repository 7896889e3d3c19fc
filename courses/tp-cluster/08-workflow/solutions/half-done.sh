cat > table.sh <<'END'
#!/bin/bash
#SBATCH --job-name=table
#SBATCH --output=table.log
#SBATCH --time=2
set -e
for n in 1 2 3 4; do echo "row $n"; sleep 1; done > table.txt.new
mv table.txt.new table.txt
END
rm -f table.txt
sbatch table.sh
until [ -s table.txt.new ]; do sleep 1; done
scancel --name=table
until [ -z "$(squeue -h --name=table)" ]; do sleep 1; done
ls table*
sbatch table.sh
until [ -z "$(squeue -h --name=table)" ]; do sleep 1; done
cat table.txt
