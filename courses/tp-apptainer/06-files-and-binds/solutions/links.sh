#!/bin/bash
apptainer exec --contain --bind in:/in:ro,/tmp/project42 lolcow.sif cat /in/far/notes.txt > far.txt
cat far.txt
