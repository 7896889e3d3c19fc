#!/bin/sh
rm -f full.sif clean.sif
