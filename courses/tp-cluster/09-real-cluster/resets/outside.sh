#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f site.sh outside.sh outside.txt
