#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf rescue.sh rescue.txt rescued.txt /tmp/.cluster/c?/tmp/rescue*
