#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f ring ring.c openmpi.sif
