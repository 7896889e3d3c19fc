#!/bin/sh
# Two pulls of one image are the same file, bit by bit, as long as the cache holds the first one's result; without the cache they differ by their dates.
# expected: two equal checksums, then another
. "$(dirname "$0")/apptainer.inc"
mkdir image
tar -C root -cf image/layer.tar .
layer=$(sha256sum image/layer.tar | cut -d ' ' -f 1)
printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$(dpkg --print-architecture)" "$layer" > image/config.json
printf '[{"Config":"config.json","RepoTags":["x:1"],"Layers":["layer.tar"]}]' > image/manifest.json
tar -C image -cf image.tar manifest.json config.json layer.tar
export APPTAINER_CACHEDIR="$work/cache"
for name in one two; do apptainer -q pull $name.sif docker-archive:image.tar; done
sleep 1
apptainer -q pull --disable-cache three.sif docker-archive:image.tar
sha256sum one.sif two.sif three.sif
