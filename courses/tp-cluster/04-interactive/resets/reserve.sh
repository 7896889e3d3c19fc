#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f two-steps.sh steps.txt
