#!/bin/bash
for rank in 0 1 2; do SLURM_PROCID=$rank SLURM_NTASKS=3 apptainer exec lolcow.sif sh -c 'echo "rank $SLURM_PROCID of $SLURM_NTASKS"' & done > ranks.txt; wait
SLURM_PROCID=1 SLURM_NTASKS=3 apptainer exec --cleanenv lolcow.sif sh -c 'echo "rank ${SLURM_PROCID:-lost}"' > lost.txt
cat ranks.txt lost.txt
