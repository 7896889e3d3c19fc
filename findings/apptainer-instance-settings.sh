#!/bin/sh
# A command in an instance has neither the variables that the instance was started with, nor the bind that it is given itself; nothing says so.
# expected: ROOM= and nothing in /mine
. "$(dirname "$0")/apptainer.inc"
name=finding-$$
mkdir mine
touch mine/file
apptainer instance start --env ROOM=42 base.sif "$name" >/dev/null 2>&1
apptainer exec "instance://$name" sh -c 'echo "ROOM=$ROOM"'
apptainer exec --bind "$work/mine:/mine" "instance://$name" ls /mine || true
apptainer instance stop "$name" >/dev/null 2>&1
