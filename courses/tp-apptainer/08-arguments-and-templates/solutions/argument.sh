#!/bin/bash
apptainer build --force --build-arg NAME=Lyon --build-arg VERSION=2.0 lyon.sif greet.def
./lyon.sif
