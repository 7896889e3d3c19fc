#!/bin/bash
apptainer build --force web.sif web.def
mkdir -p www
echo "Meuh, version 1" > www/index.html
# An instance that went astray makes room first.
apptainer instance stop --all 2> /dev/null
apptainer instance start --bind www:/srv/www web.sif cow
curl -s localhost:8080
