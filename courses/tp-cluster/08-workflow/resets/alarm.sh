#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf flow.sh logs parts counts total.txt alarm.txt
