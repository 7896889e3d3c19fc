#!/bin/bash
apptainer key list --secret | grep -q Fingerprint || apptainer key newpair --name Ada --email ada@example.org --comment TP --password '' --push=false
apptainer sif list heat.sif | grep -q Signature || apptainer sign heat.sif
apptainer push heat.sif oras://localhost:5000/$LEARNER/heat:1.0
digest=$(curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json' localhost:5000/v2/$LEARNER/heat/manifests/1.0 | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }')
echo "oras://localhost:5000/$LEARNER/heat@$digest" > address.txt
cat address.txt
