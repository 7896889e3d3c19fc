#!/bin/sh
rm -f busybox.sif
