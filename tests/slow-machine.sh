#!/bin/sh
# Runs a command on half of one processor, together with a Docker Engine of its own: no test may depend on the machine's speed
# (tests/README.md). As root, with dockerd and ip installed:   tests/slow-machine.sh ./etabli test
# SHARE: per cent of one processor (50). ENGINE: folder of that engine, kept for the next time (/var/tmp/etabli-slow-engine).
set -eu
share=${SHARE:-50}
engine=${ENGINE:-/var/tmp/etabli-slow-engine}
name=etabli-slow-$$
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
	group=/sys/fs/cgroup/$name
	grep -qw cpu /sys/fs/cgroup/cgroup.subtree_control || echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
	mkdir "$group"
	echo "${share}000 100000" >"$group/cpu.max"
	# A group with a limit may have either processes or groups of its own: the engine makes groups, for its containers.
	mkdir "$group/command"
	echo +cpu >"$group/cgroup.subtree_control"
	enter=$group/command/cgroup.procs
else
	# Version 1 refuses a container more than its parent's quota, and sandboxes are given a whole processor. So the group is stopped and let go
	# ten times a second, as a quota would do it.
	group=/sys/fs/cgroup/freezer/$name
	mkdir "$group"
	enter=$group/cgroup.procs
	[ "$share" -lt $((100 * $(nproc))) ] || { echo "SHARE=$share is all that this machine has: run the command without this." >&2; exit 1; }
	run=$(awk "BEGIN { print $share / 1000 / $(nproc) }")
	stop=$(awk "BEGIN { print 0.1 - $run }")
	while :; do
		echo FROZEN
		sleep "$stop"
		echo THAWED
		sleep "$run"
	done >"$group/freezer.state" &
	pacer=$!
fi
mkdir -p "$engine"
# A bridge of its own, of the addresses that are for examples: an engine that is to have none takes docker0 away, and that is the machine's.
bridge=etabli$(($$ % 100000))
ip link add name "$bridge" type bridge
ip address add 192.0.2.1/24 dev "$bridge"
sh -c "echo \$\$ >'$enter'; exec dockerd --host unix://$engine/docker.sock --data-root '$engine/data' --exec-root '$engine/exec' \
	--pidfile '$engine/pid' --cgroup-parent '/$name/containers' --bridge $bridge --iptables=false --ip6tables=false --log-level warn" \
	>"$engine/dockerd.log" 2>&1 &
daemon=$!
tidy() {
	[ -z "${pacer:-}" ] || kill "$pacer" 2>/dev/null || true
	[ -z "${pacer:-}" ] || echo THAWED >"$group/freezer.state"
	kill "$daemon" 2>/dev/null || true
	wait "$daemon" 2>/dev/null || true
	ip link delete "$bridge" 2>/dev/null || true
	find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} + 2>/dev/null || true
}
trap tidy EXIT
trap 'exit 130' INT TERM
tries=0
until DOCKER_HOST=unix://$engine/docker.sock docker version >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ $tries -gt 600 ] || ! kill -0 "$daemon" 2>/dev/null; then
		echo "The engine does not come up; its last words:" >&2
		tail -5 "$engine/dockerd.log" >&2
		exit 1
	fi
	sleep 1
done
echo "On $share % of one processor: $*"
export DOCKER_HOST="unix://$engine/docker.sock"
sh -c 'echo $$ >"$0"; exec "$@"' "$enter" "$@"
