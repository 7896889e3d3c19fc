#!/bin/bash
cat > static.def <<'EOF'
Bootstrap: docker
From: localhost:5000/busybox:1.0

%post
    id -un > /etc/report
EOF
apptainer build --force --ignore-fakeroot-command static.sif static.def
apptainer exec static.sif cat /etc/report
