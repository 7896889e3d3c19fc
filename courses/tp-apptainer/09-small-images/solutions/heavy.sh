#!/bin/bash
printf '%s\n' 'Bootstrap: docker' 'From: localhost:5000/toolchain:1.0' '' '%files' '    pi.c /opt/pi.c' '' '%post' '    cc -o /usr/local/bin/pi /opt/pi.c' '' '%runscript' '    exec pi "$@"' > heavy.def
apptainer build --force heavy.sif heavy.def
start=$(apptainer sif list heavy.sif | awk -F '[|-]' '/FS/ { print $4 + 0 }')
unsquashfs -o $start -lls heavy.sif | sort -k3 -rn | head -n 8 > weight.txt
cat weight.txt
