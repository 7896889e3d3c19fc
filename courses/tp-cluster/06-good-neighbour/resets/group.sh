#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf group.sh group-*.txt results
