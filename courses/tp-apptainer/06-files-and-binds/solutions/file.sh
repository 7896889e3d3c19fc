#!/bin/bash
echo "Mes propres mots" > mine.txt
apptainer run --bind mine.txt:/usr/share/fortunes lolcow.sif > mine.cow
cat mine.cow
