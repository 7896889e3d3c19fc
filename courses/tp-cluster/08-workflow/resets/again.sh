#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf again.sh total.txt
