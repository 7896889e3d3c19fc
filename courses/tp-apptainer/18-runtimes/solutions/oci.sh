#!/bin/bash
apptainer exec --oci lolcow.sif true > oci.txt 2>&1 || echo "code $?"
head -n 1 oci.txt
