#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f doors.sh doors*.txt
