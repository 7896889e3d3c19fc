#!/bin/bash
cp lolcow.sif full.sif
apptainer overlay create --size 64 full.sif
apptainer exec --writable full.sif sh -c 'echo "écrit dedans" > /opt/inside'
apptainer -q build --force clean.sif full.sif
apptainer sif list clean.sif
