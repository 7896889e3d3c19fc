#!/bin/bash
apptainer exec --memory 64M lolcow.sif true 2> refused.txt || echo "code $?"
cat refused.txt
