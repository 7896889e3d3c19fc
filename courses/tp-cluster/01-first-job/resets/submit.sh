#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f first.sh slurm-*.out
