#!/bin/bash
apptainer exec --cwd /usr/local/bin lolcow.sif ls > programs.txt
cat programs.txt
