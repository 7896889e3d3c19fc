#!/bin/sh
rm -f digest.txt pinned.sif
