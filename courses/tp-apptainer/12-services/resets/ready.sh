#!/bin/sh
apptainer instance stop svc || true
rm -f up.sh
