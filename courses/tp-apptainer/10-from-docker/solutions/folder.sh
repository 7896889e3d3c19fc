#!/bin/bash
[ -s almanac.sif ] || apptainer pull --force almanac.sif docker://localhost:5000/almanac:1.0
apptainer run --cwd /srv/almanac almanac.sif > day.txt
cat day.txt
