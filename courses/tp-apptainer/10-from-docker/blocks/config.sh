manifest=localhost:5000/v2/almanac/manifests/1.0
digest=$(curl -s -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' $manifest | jq -r .config.digest)
curl -s localhost:5000/v2/almanac/blobs/$digest | jq .config > config.json
cat config.json
