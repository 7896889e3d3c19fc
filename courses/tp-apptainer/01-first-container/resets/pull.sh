#!/bin/sh
set -e
# With the cache emptied, the next pull shows all its steps again.
rm -f lolcow.sif lolcow_1.0.sif
apptainer cache clean --force
