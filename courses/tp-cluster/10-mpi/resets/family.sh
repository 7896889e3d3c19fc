#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f family.sh family*.txt ring-mpich mpich.sif
