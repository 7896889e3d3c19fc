#!/bin/bash
COW_MOOD=tired apptainer run --cleanenv lolcow.sif "Je ne sais rien de lundi" > clean.txt
apptainer run --cleanenv --env COW_MOOD=amazed lolcow.sif "Quelle surprise" > amazed.txt
cat clean.txt amazed.txt
