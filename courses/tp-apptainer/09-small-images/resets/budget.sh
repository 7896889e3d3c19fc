#!/bin/sh
rm -f build.sh kept.sif refused.sif tight.sif *.new
