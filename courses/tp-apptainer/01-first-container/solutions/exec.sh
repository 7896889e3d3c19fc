#!/bin/bash
apptainer exec lolcow.sif cat /etc/os-release > inside.txt
cat inside.txt
