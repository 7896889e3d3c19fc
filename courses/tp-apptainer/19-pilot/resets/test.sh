#!/bin/sh
rm -f broken.c broken.def broken.sif broken.log
