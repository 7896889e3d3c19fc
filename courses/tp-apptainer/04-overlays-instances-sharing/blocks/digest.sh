curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
  localhost:5000/v2/$LEARNER/lolcow/manifests/latest \
  | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }' > digest.txt
cat digest.txt
