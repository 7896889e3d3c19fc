#!/bin/bash
cat > build.sh <<'EOF'
#!/bin/bash
set -euo pipefail
budget=$((2 * 1024 * 1024))
apptainer -q build --force "$1.new" "$2"
size=$(stat -c %s "$1.new")
if [ "$size" -gt "$budget" ]; then rm "$1.new"; echo "$1: $size bytes, and the budget is $budget" >&2; exit 1; fi
mv "$1.new" "$1"
echo "$1: $size bytes of $budget"
EOF
chmod +x build.sh
./build.sh kept.sif light.def
./build.sh refused.sif heavy.def || echo "code $?"
