#!/bin/sh
set -e
apptainer pull --force lolcow.sif docker://localhost:5000/lolcow:1.0
[ -d box ] || apptainer -q build --sandbox box lolcow.sif
