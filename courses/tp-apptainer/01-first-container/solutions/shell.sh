#!/bin/bash
echo 'cowsay Meuh > moo.txt' | apptainer shell lolcow.sif
cat moo.txt
