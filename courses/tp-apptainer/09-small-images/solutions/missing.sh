#!/bin/bash
[ -s light.def ] && sed 's|debian-mini|busybox|; /^%test/,$d' light.def > bare.def
apptainer build --force bare.sif bare.def
./bare.sif 2> bare.txt || cat bare.txt
