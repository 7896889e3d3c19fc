#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f wrong.sh wrong.txt
