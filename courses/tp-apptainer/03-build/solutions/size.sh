#!/bin/bash
cat > slim.def <<'EOF'
Bootstrap: docker
From: localhost:5000/debian-mini:1.0
Stage: build

%post
    mkdir -p /opt/compiler /var/cache/downloads /opt/app
    dd if=/dev/urandom of=/opt/compiler/cc bs=1M count=20
    dd if=/dev/urandom of=/var/cache/downloads/sources.tar bs=1M count=8
    seq 1 12 | awk '{ print $1 " x " $1 " = " $1 * $1 }' > /opt/app/squares.txt

Bootstrap: docker
From: localhost:5000/debian-mini:1.0
Stage: final

%files from build
    /opt/app/squares.txt /opt/app/squares.txt

%files
    cowsay /usr/local/bin/cowsay

%post
    chmod 755 /usr/local/bin/cowsay

%runscript
    tail -n 1 /opt/app/squares.txt | cowsay
EOF
apptainer build --force slim.sif slim.def
ls -lh slim.sif
./slim.sif
