#!/bin/sh
# %test is a script without -e: only its last command counts, and an image is built although an earlier one failed.
# expected: nosuch: not found; then code 0 and an image
. "$(dirname "$0")/apptainer.inc"
printf 'Bootstrap: localimage\nFrom: base.sif\n%%test\n  nosuch\n  echo last\n' > x.def
code=0
apptainer -q build x.sif x.def || code=$?
echo "code $code"
ls -l x.sif
