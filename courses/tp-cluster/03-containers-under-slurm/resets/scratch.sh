#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f scratch.sh scratch*.txt result.txt
