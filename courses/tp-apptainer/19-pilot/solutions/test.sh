#!/bin/bash
sed 's/100\.0/99.0/' heat.c > broken.c
sed 's/heat\.c /broken.c /' heat.def > broken.def
apptainer build --force broken.sif broken.def > broken.log 2>&1 || echo "code $?"
tail -n 2 broken.log
