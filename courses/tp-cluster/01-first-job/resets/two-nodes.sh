#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f pair.sh pair.txt
