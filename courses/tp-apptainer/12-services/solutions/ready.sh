#!/bin/bash
cat > up.sh <<'EOF'
#!/bin/sh
# Starts the service as svc on a port, and waits until it is the one that answers: up.sh PORT
apptainer instance stop svc 2> /dev/null
apptainer instance start web.sif svc "$1" || exit 1
if curl -s -o /dev/null --retry 10 --retry-delay 0 --retry-max-time 5 --retry-connrefused "localhost:$1" &&
	apptainer exec instance://svc ps | grep -q httpd; then exit 0; fi
apptainer instance stop svc
exit 1
EOF
chmod +x up.sh
apptainer instance list blue | grep -q blue || apptainer instance start --bind www:/srv/www:ro web.sif blue 8082
./up.sh 8082
./up.sh 8090
