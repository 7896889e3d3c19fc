#!/bin/bash
APPTAINER_CACHEDIR=$PWD/scratch apptainer pull --force busybox.sif docker://localhost:5000/busybox:1.0
APPTAINER_CACHEDIR=$PWD/scratch apptainer cache list
find scratch -maxdepth 2
du -sh ~/.apptainer/cache
apptainer cache clean --force
apptainer cache list
