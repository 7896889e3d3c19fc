#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f tool.sh tool.txt
