#!/bin/bash
apptainer instance list | grep -q '^cow ' || apptainer instance start --bind www:/srv/www web.sif cow
apptainer exec instance://cow ps > processes.txt
cat processes.txt
apptainer instance stop cow
