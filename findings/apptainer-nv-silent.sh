#!/bin/sh
# --nv and --rocm on a machine without a card: no error, no warning.
# expected: three times code 0 and nothing else
. "$(dirname "$0")/apptainer.inc"
for option in --nv --rocm "--nv --rocm"; do
	# shellcheck disable=SC2086
	apptainer exec $option base.sif sh -c :
	echo "$option: code $?"
done
