#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -f waiting.txt
