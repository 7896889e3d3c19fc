#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f heavy.txt report.txt usage-*.txt
