#!/bin/bash
mkdir -p house
apptainer exec --home "$PWD/house" lolcow.sif sh -c 'echo $HOME > ~/note.txt'
cat house/note.txt
