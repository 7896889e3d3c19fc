#!/bin/bash
cat > who.def <<'EOF'
Bootstrap: localimage
From: lolcow.sif

%post
    touch /srv/page
    chown www-data /srv/page
    {
        id -un
        ls -l /srv/page
        cat /proc/self/uid_map
    } > /etc/report
EOF
apptainer build --force who.sif who.def
apptainer exec who.sif cat /etc/report
