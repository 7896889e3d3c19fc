#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f portable.sh portable.txt result.txt
