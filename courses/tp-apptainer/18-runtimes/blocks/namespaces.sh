for kind in user mnt pid net uts ipc; do mine=$(readlink /proc/self/ns/$kind); line=$kind; for option in "" --containall; do [ "$(apptainer exec $option lolcow.sif readlink /proc/self/ns/$kind)" = "$mine" ] && line="$line same" || line="$line other"; done; printf '%-6s %-5s %s\n' $line; done > namespaces.txt
cat namespaces.txt
