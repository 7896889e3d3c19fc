#!/bin/bash
cp signed.sif forged.sif
printf FORGED | dd of=forged.sif bs=1 seek=500000 conv=notrunc status=none
apptainer verify --local forged.sif > forged.txt 2>&1 || echo "code $?"
cat forged.txt
