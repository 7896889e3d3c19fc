#!/bin/bash
apptainer run lolcow.sif
./lolcow.sif "Je suis un fichier"
