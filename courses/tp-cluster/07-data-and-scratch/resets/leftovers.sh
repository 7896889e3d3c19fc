#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf messy.sh messy.txt /tmp/.cluster/c?/tmp/messy
