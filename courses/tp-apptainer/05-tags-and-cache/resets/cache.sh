#!/bin/sh
rm -f cache.txt one.sif two.sif three.sif
