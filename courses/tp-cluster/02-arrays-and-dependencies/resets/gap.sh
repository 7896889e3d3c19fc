#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f part.sh part-*.txt words-3.txt
