#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f alone.sh alone*.txt
