#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f polite.sh polite-*.txt
