#!/bin/bash
apptainer pull --force one.sif docker://localhost:5000/lolcow:1.0
apptainer cache list
apptainer cache list -v > cache.txt
cat cache.txt
apptainer pull --force two.sif docker://localhost:5000/lolcow:1.0
sleep 1
apptainer pull --force --disable-cache three.sif docker://localhost:5000/lolcow:1.0
sha256sum one.sif two.sif three.sif
