#!/bin/bash
apptainer build --force plain.sif secret.def
start=$(apptainer sif list plain.sif | awk -F '[|-]' '/FS/ { print $4 + 0 }')
unsquashfs -o $start -cat plain.sif opt/model.txt > stolen.txt
