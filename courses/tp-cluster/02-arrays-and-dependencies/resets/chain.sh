#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f sum.sh total.txt
