#!/bin/sh
# %files of several files to a folder that does not exist, without a slash: a file, the last one copied. Code 0.
# expected: -rw… /opt/texts, a file
. "$(dirname "$0")/apptainer.inc"
mkdir texts
echo one > texts/1.txt
echo two > texts/2.txt
printf 'Bootstrap: localimage\nFrom: base.sif\n%%files\n  texts/*.txt /opt/texts\n' > x.def
apptainer -q build x.sif x.def
apptainer exec x.sif ls -l /opt
