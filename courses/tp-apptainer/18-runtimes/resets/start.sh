#!/bin/sh
apptainer instance stop bench || true
rm -f bench.txt
