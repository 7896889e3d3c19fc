#!/bin/bash
# The registry may refuse to forget an image (its data are shared): the step then stays as it is, and can be done again all the same.
manifest=localhost:5000/v2/$LEARNER/lolcow/manifests
digest=$(curl -sI --noproxy '*' --max-time 5 -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$manifest/1.0" |
	tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }')
[ -z "$digest" ] || curl -s --noproxy '*' --max-time 5 -o /dev/null -X DELETE "$manifest/$digest" || true
