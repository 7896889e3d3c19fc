#!/bin/bash
export APPTAINER_BIND=in:/in:ro,out:/out
apptainer exec lolcow.sif sh -c 'sort -t, -k2 -rn /in/temperatures.csv | head -n 1 > /out/hottest.txt'
apptainer exec lolcow.sif sh -c 'wc -l < /in/temperatures.csv > /out/lines.txt'
unset APPTAINER_BIND
