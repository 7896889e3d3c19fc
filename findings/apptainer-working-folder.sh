#!/bin/sh
# The current folder is mounted over the image's own of that name: from /usr/share the image loses its /usr/share. From /etc it does not.
# expected: from /usr/share the image's file is not found
. "$(dirname "$0")/apptainer.inc"
mkdir -p tree
cp -r root/. tree
echo image > tree/usr/share/mine
apptainer -q build share.sif tree
for folder in /etc /usr/share; do
	echo "from $folder:"
	(cd "$folder" && apptainer exec "$work/share.sif" cat /usr/share/mine) || true
done
