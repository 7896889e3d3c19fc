#!/bin/bash
# seff.sh NUMBER: what a job has used of what it had asked for. The job has kept its own measure in usage-NUMBER.txt.
set -euo pipefail
job=$1
record=$(scontrol --oneliner show job "$job")
value() { sed -nE "s/.*[ ,=]$1=([^ ,]*).*/\\1/p" <<<"$record"; }
seconds() { awk -F '[-:]' '{ print $NF + 60 * $(NF - 1) + (NF > 2 ? 3600 * $(NF - 2) : 0) + (NF > 3 ? 86400 * $1 : 0) }' <<<"$1"; }
part() { awk -v used="$1" -v asked="$2" 'BEGIN { printf "%.0f %%", asked ? 100 * used / asked : 0 }'; }
memory=$(head -n 1 "usage-$job.txt" | numfmt --from=iec --to-unit=1Mi --round=up)
asked=$(value mem | numfmt --from=iec --to-unit=1Mi)
# User and system time, of the shell and of its children: 0m3.021s 0m0.050s
cpu=$(sed 1d "usage-$job.txt" | tr 'ms' '  ' | awk '{ sum += 60 * $1 + $2 + 60 * $3 + $4 } END { printf "%.0f", sum }')
cpus=$(value NumCPUs) ran=$(seconds "$(value RunTime)") limit=$(seconds "$(value TimeLimit)")
echo "Job $job ($(value JobName)): $(value JobState)"
echo "Memory: $memory MiB of $asked MiB ($(part "$memory" "$asked"))"
echo "Processors: $cpu s of $((cpus * ran)) s, which is $cpus for $ran s ($(part "$cpu" $((cpus * ran))))"
echo "Time: $ran s of $limit s ($(part "$ran" "$limit"))"
