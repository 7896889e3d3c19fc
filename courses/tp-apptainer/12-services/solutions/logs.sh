#!/bin/bash
apptainer instance list red | grep -q red || apptainer instance start web.sif red 8081
apptainer instance stop green 2> /dev/null
curl -s --retry 5 --retry-connrefused localhost:8081 > /dev/null
apptainer instance start web.sif green 8081
sleep 0.5
cat $(apptainer instance list --json green | jq -r '.instances[0].logErrPath') > green.txt
cat green.txt
