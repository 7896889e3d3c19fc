#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f everywhere.sh everywhere*.txt
