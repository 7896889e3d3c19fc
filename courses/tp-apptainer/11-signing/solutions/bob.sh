#!/bin/bash
rm -rf bob ada.asc
echo 0 | apptainer key export --armor ada.asc
APPTAINER_KEYSDIR=$PWD/bob apptainer key import ada.asc
APPTAINER_KEYSDIR=$PWD/bob apptainer verify --local signed.sif
