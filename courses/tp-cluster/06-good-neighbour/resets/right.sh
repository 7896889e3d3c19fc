#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f light.sh light.txt light-report.txt
