#!/bin/sh
# sif del takes an object out of the list, and leaves the file as large as it was.
# expected: the same size twice
. "$(dirname "$0")/apptainer.inc"
apptainer -q overlay create --size 64 base.sif
id=$(apptainer sif list base.sif | awk -F '|' '/Overlay/ { print $1 + 0 }')
stat -c %s base.sif
apptainer sif del "$id" base.sif
stat -c %s base.sif
