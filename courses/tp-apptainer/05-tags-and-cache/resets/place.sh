#!/bin/sh
rm -rf busybox.sif scratch
