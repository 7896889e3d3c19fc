#!/bin/sh
rm -f convert.txt unix.csv
sed -i "s/^apptainer exec busybox.sif dos2unix/dos2unix/" convert.sh
