#!/bin/sh
set -e
[ -s web.sif ] || apptainer build --force web.sif web.def
