#!/bin/bash
apptainer instance stop --all 2> /dev/null
apptainer instance start web.sif red 8081
apptainer instance start web.sif blue 8082
curl -s --retry 5 --retry-connrefused localhost:8081 localhost:8082
