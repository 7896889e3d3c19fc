#!/bin/bash
printf 'COW_MOOD=tired\nPROJECT="marées 2026"\nWORKERS=4\n' > run.env
apptainer run --cleanenv --env-file run.env lolcow.sif "Encore une nuit" > tired.txt
cat tired.txt
