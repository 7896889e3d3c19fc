#!/bin/bash
apptainer exec --nv lolcow.sif echo "tout va bien" > nv.txt 2>&1
echo "code $?" >> nv.txt
apptainer exec --nv lolcow.sif sh -c 'ls /dev/nvidia* 2>/dev/null || echo "no NVIDIA device"' >> nv.txt
cat nv.txt
