#!/bin/sh
# Below /dev nothing is bound under another name: a warning, and the program starts without it.
# expected: WARNING: Skipping /dev/null bind mount; then no such file
. "$(dirname "$0")/apptainer.inc"
apptainer exec --bind /dev/null:/dev/nvidia0 base.sif ls /dev/nvidia0 || true
