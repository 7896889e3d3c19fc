#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f contained.sh contained*.txt
