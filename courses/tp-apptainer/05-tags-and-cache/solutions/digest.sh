#!/bin/bash
curl -sI -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' localhost:5000/v2/lolcow/manifests/1.0 | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }' > digest.txt
apptainer pull --force --disable-cache pinned.sif docker://localhost:5000/lolcow@$(cat digest.txt)
