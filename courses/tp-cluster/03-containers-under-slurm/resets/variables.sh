#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f clean.sh clean*.txt
