#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf cast.sh cast.txt /tmp/.cluster/c?/tmp/busybox.sif
