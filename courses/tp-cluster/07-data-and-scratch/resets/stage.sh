#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f stage.sh stage.txt total.txt
