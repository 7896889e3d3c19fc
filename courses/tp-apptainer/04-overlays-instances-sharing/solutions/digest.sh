#!/bin/bash
apptainer push lolcow.sif oras://localhost:5000/$LEARNER/lolcow:latest
curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json' localhost:5000/v2/$LEARNER/lolcow/manifests/latest | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }' > digest.txt
cat digest.txt
[ -s web.sif ] || apptainer build web.sif web.def
apptainer push web.sif oras://localhost:5000/$LEARNER/lolcow:latest
apptainer pull --force exact.sif oras://localhost:5000/$LEARNER/lolcow@$(cat digest.txt)
cmp exact.sif lolcow.sif && echo identical
