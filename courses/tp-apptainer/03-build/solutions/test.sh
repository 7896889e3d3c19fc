#!/bin/bash
# The whole recipe, so that it also mends one that went astray.
cat > lolcow.def <<'EOF'
Bootstrap: docker
From: localhost:5000/debian-mini:1.0

%files
    cowsay /usr/local/bin/cowsay
    citations.txt /usr/share/citations.txt

%post
    chmod 755 /usr/local/bin/cowsay
    chmod 644 /usr/share/citations.txt

%runscript
    if [ $# -gt 0 ]; then
        cowsay "$@"
    else
        shuf -n 1 /usr/share/citations.txt | cowsay
    fi

%environment
    export COW_MOOD=amazed

%labels
    Author Ada
    Version 1.1
    Serial {{serial}}

%help
    A cow that quotes. Usage: lolcow.sif [words...]

%test
    set -e
    cowsay essai | grep -q essai
    test "$COW_MOOD" = amazed
EOF
apptainer build --force lolcow.sif lolcow.def
apptainer test lolcow.sif
