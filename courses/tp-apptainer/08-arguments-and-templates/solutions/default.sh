#!/bin/bash
cat > greet.def <<'EOF'
Bootstrap: docker
From: localhost:5000/debian-mini:1.0

%arguments
    NAME=monde
    VERSION=1.0

%post
    echo "Bonjour {{ NAME }}, version {{ VERSION }}" > /opt/greeting

%runscript
    cat /opt/greeting

%labels
    Version {{ VERSION }}
EOF
apptainer build --force greet.sif greet.def
./greet.sif
