#!/bin/sh
# An image made for Docker: arguments of run are evaluated by a shell, a dollar in ENV gains a backslash, a file that nobody may read arrives empty.
# expected: It costs, 2 backslash dollar, and a file of 0 bytes
. "$(dirname "$0")/apptainer.inc"
mkdir tree image
cp -r root/. tree
echo secret > tree/etc/secret
chmod 000 tree/etc/secret
# The layer is written by a tar that can read the file: as its owner with the rights put into the archive.
chmod 600 tree/etc/secret
tar -C tree --exclude ./etc/secret -cf image/layer.tar .
tar -C tree --mode 000 -rf image/layer.tar ./etc/secret
layer=$(sha256sum image/layer.tar | cut -d ' ' -f 1)
printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["echo"],"Env":["PATH=/bin","PRICE=2 $ a page"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$(dpkg --print-architecture)" "$layer" > image/config.json
printf '[{"Config":"config.json","RepoTags":["x:1"],"Layers":["layer.tar"]}]' > image/manifest.json
tar -C image -cf image.tar manifest.json config.json layer.tar
apptainer -q pull x.sif docker-archive:image.tar
# shellcheck disable=SC2016
apptainer run x.sif 'It costs $5'
# shellcheck disable=SC2016
apptainer exec x.sif sh -c 'echo "$PRICE"'
apptainer exec x.sif ls -l /etc/secret
