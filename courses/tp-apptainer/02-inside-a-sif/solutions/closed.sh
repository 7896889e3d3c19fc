#!/bin/bash
apptainer exec --containall --bind data:/data:ro lolcow.sif sh -c 'sort -t, -k2 -rn /data/temperatures.csv | head -n 1' > hottest.txt
cat hottest.txt
