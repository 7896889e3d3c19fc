#!/bin/bash
cat > gpu.sh <<'EOF'
#!/bin/sh
[ -e "${CARD:-/dev/nvidia0}" ] || { echo "gpu.sh: no NVIDIA device here; was --nv given, on a node with a card?" >&2; exit 3; }
exec "$@"
EOF
chmod +x gpu.sh
apptainer exec --nv lolcow.sif ./gpu.sh echo calcul || echo "code $?"
apptainer exec --env CARD=/dev/null lolcow.sif ./gpu.sh echo calcul
