#!/bin/bash
cat > heat.def <<'EOF'
Bootstrap: docker
From: localhost:5000/toolchain:1.0
Stage: build

%files
    heat.c /opt/heat.c

%post
    cc -o /opt/heat /opt/heat.c

Bootstrap: docker
From: localhost:5000/debian-mini:1.0
Stage: final

%arguments
    VERSION=0.0-dev

%files from build
    /opt/heat /usr/local/bin/heat

%runscript
    exec heat "$@"

%labels
    Author Ada
    Version {{ VERSION }}
    Licence CC-BY-4.0

%help
    heat CELLS STEPS: heat in a rod, warmed at its left end.

%test
    set -e
    heat 10 0 | grep -q 'total 100.0000'
EOF
apptainer build --force --build-arg VERSION=1.0 heat.sif heat.def
apptainer exec toolchain.sif cc -o heat heat.c
apptainer exec toolchain.sif ./heat {{cells}} 200 > reference.txt
./heat.sif {{cells}} 200 | diff - reference.txt && echo identique
