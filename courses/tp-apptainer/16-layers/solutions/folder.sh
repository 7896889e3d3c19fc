#!/bin/bash
mkdir -p layer
apptainer exec --overlay layer lolcow.sif sh -c 'echo "une note" > /opt/note; rm -f /usr/local/bin/moo'
find layer/upper > layer.txt
cat layer.txt
