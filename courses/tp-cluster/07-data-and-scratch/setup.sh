#!/bin/sh
# The image of lesson 3, and 200 small files of data in one archive: their sum is 20100.
set -e
[ -s busybox.sif ] || apptainer pull --force busybox.sif docker://localhost:5000/busybox:1.0
work=$(mktemp -d)
mkdir "$work/readings"
for n in $(seq 200); do echo "$n" > "$work/readings/$(printf %03d "$n").txt"; done
tar -czf readings.tar.gz -C "$work" readings
rm -rf "$work"
