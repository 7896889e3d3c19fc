#!/bin/bash
# Takes the image out of the registry. A registry may refuse to forget (its data are shared): then the image is built again here,
# and what was pushed is no longer the present one.
manifest=localhost:5000/v2/$LEARNER/lolcow/manifests
digest() {
	curl -sI --noproxy '*' --max-time 5 -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$manifest/1.0" |
		tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
}
pushed=$(digest)
[ -n "$pushed" ] || exit 0
curl -s --noproxy '*' --max-time 5 -o /dev/null -X DELETE "$manifest/$pushed"
[ -z "$(digest)" ] || apptainer build --force lolcow.sif lolcow.def
