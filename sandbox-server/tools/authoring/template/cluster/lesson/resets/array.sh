#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f square.sh square-*.txt
