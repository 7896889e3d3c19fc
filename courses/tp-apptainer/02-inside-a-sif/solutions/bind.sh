#!/bin/bash
apptainer exec --bind data:/data:ro lolcow.sif awk -F, 'NR > 1 { sum += $2; n++ } END { print sum / n }' /data/temperatures.csv > mean.txt
cat mean.txt
