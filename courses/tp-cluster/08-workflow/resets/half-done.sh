#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf table.sh table.log table.txt table.txt.new
