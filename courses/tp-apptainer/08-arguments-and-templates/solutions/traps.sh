#!/bin/bash
cat > traps.def <<'EOF'
Bootstrap: docker
From: localhost:5000/debian-mini:1.0

%files
    texts/*.txt /opt/texts/
    title.txt /opt/title.txt

%post
    tr a-z A-Z < /opt/title.txt > /opt/heading

%runscript
    cat /opt/heading /opt/texts/1.txt /opt/texts/2.txt /opt/texts/3.txt

%labels
    Version 1.0
EOF
apptainer build --force traps.sif traps.def
./traps.sif
