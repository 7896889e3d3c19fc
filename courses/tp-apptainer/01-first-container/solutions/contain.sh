#!/bin/bash
apptainer exec --containall lolcow.sif ps > contained.txt
cat contained.txt
