#!/bin/sh
apptainer instance stop blue || true
rm -rf www inside.txt
