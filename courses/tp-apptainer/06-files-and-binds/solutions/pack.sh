#!/bin/bash
mkdir -p many
seq -f 'many/%04g.txt' 1 1000 | while read -r name; do echo "$name" > "$name"; done
mksquashfs many many.sqfs -noappend -quiet -no-progress
apptainer exec --bind many.sqfs:/many:image-src=/ lolcow.sif sh -c 'ls /many | wc -l' > count.txt
