#!/bin/sh
set -e
apptainer pull --force toolchain.sif docker://localhost:5000/toolchain:1.0
