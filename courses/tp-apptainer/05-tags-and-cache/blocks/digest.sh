curl -sI -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
  localhost:5000/v2/lolcow/manifests/1.0 \
  | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }' > digest.txt
cat digest.txt
