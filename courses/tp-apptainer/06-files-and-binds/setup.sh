#!/bin/sh
set -e
apptainer pull --force lolcow.sif docker://localhost:5000/lolcow:1.0
mkdir -p in out /tmp/project42
printf 'station,temperature\nBrest,12.5\nNice,19.0\n' > in/temperatures.csv
printf 'elsewhere\n' > /tmp/project42/notes.txt
ln -sfn /tmp/project42 in/far
