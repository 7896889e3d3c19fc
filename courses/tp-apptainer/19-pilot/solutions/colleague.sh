#!/bin/bash
cat > job.sh <<'EOF'
#!/bin/bash
#SBATCH --job-name=heat
#SBATCH --ntasks=1
set -euo pipefail
mkdir -p remote
apptainer pull --force remote/heat.sif "$(cat address.txt)"
apptainer verify --local remote/heat.sif
apptainer run --containall remote/heat.sif {{cells}} 200 > remote/result.txt
EOF
bash job.sh
cmp remote/result.txt reference.txt && echo identique
