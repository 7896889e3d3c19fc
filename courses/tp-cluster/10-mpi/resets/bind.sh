#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f bind.sh bind*.txt app.def app.sif
rm -rf site-mpi
