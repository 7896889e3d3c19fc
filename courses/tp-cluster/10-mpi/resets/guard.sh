#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f guard.sh guard-*.txt ranks.txt
