#!/bin/sh
# What lesson 1 leaves behind: the image, here. (`--force`: a half-finished file of an earlier try is replaced.)
set -e
apptainer pull --force lolcow.sif docker://localhost:5000/lolcow:1.0
