#!/bin/sh
apptainer instance stop green || true
rm -f green.txt
