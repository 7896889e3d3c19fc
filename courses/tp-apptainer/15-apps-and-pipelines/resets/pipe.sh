#!/bin/sh
rm -f busybox.sif top.txt pipefail.txt
