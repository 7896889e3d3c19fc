#!/bin/bash
cat > cow.sh <<'EOF'
#!/bin/sh
# The image, the options and the variables: all that the result depends on.
exec apptainer run --containall --no-eval --env COW_MOOD=amazed "$(dirname "$0")/lolcow.sif" "$@"
EOF
chmod +x cow.sh
./cow.sh 'cela coute $5'
