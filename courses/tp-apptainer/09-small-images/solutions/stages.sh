#!/bin/bash
cat > light.def <<'EOF'
Bootstrap: docker
From: localhost:5000/toolchain:1.0
Stage: build

%files
    pi.c /opt/pi.c

%post
    cc -o /opt/pi /opt/pi.c

Bootstrap: docker
From: localhost:5000/debian-mini:1.0
Stage: final

%files from build
    /opt/pi /usr/local/bin/pi

%runscript
    exec pi "$@"

%test
    set -e
    pi 1000000 | grep -q '^3.14159'
EOF
apptainer build --force light.sif light.def
./light.sif 1000000
