#!/bin/bash
: > codes.txt
note() { local name=$1; shift; "$@" > /dev/null 2>&1; echo "$name $?" >> codes.txt; }
note ok apptainer exec lolcow.sif true
note "program says 3" apptainer exec lolcow.sif sh -c 'exit 3'
note killed apptainer exec lolcow.sif sh -c 'kill -9 $$'
note "too long" timeout 1 apptainer exec lolcow.sif sleep 10
note "no such command" apptainer exec lolcow.sif nosuch
note "no such image" apptainer exec nosuch.sif true
note "unknown option" apptainer exec --nosuch lolcow.sif true
cat codes.txt
