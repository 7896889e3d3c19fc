#!/bin/bash
cat > almanac.def <<'EOF'
Bootstrap: docker
From: localhost:5000/almanac:1.0

%environment
    export ALMANAC_PRICE='2 $ a page'

%runscript
    cd /srv/almanac
    exec almanac "${@:-everybody}"

%test
    set -e
    cd /srv/almanac
    almanac | grep -q 'sow nothing'
EOF
apptainer build --force whole.sif almanac.def
./whole.sif
