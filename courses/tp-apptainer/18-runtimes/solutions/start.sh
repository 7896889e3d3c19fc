#!/bin/bash
bench() { local name=$1 from; shift; from=$(date +%s%3N); for i in 1 2 3 4 5; do "$@" true 2> /dev/null; done; echo "$name $(($(date +%s%3N) - from)) ms"; }
apptainer instance list bench | grep -q bench || apptainer instance start lolcow.sif bench
{ bench sif apptainer exec lolcow.sif; bench folder apptainer exec box; bench instance apptainer exec instance://bench; bench registry apptainer exec docker://localhost:5000/lolcow:1.0; } > bench.txt
apptainer instance stop bench
cat bench.txt
