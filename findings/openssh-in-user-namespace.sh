#!/bin/sh
# In a user namespace in which only oneself is known (rootless containers, nodes of a cluster made of namespaces), root's files belong to nobody. OpenSSH's
# client goes on reading the machine's own settings there, but refuses the very same file when another one includes it: every `Include` of
# /etc/ssh/ssh_config.d, which distributions put to use, ends ssh. To be run as an ordinary user.
# expected: the same settings four times
# seen with OpenSSH 9.2p1 of Debian 12: read, read, read, then "Bad owner or permissions on /etc/ssh/ssh_config" and status 255
set -eu
[ "$(id -u)" != 0 ] || { echo "to be run as an ordinary user: setpriv --reuid daemon --regid daemon --clear-groups sh $0"; exit 2; }
ssh -V
work=$(mktemp -d "${TMPDIR:-/tmp}/finding-XXXXXX")
trap 'rm -rf "$work"' EXIT
export HOME="$work"
printf 'Include /etc/ssh/ssh_config\n' > "$work/config"
reads() { # WHERE COMMAND…
	where=$1
	shift
	if said=$("$@" -G machine.example 2>&1); then said=read; status=0; else status=$?; fi
	echo "$where: $said (status $status)"
}
apart='unshare --user --map-current-user'
reads "the machine's settings, as it stands" ssh
reads "included, as it stands" ssh -F "$work/config"
reads "the machine's settings, in a user namespace" $apart ssh
reads "included, in a user namespace" $apart ssh -F "$work/config"
case $said$status in *'Bad owner'*255) ;; *) echo 'this has changed'; exit 1 ;; esac
