#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f together.sh together*.txt
