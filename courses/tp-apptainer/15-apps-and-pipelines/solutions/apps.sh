#!/bin/bash
apptainer -q build --force stations.sif stations.def 2> build.log
apptainer run --app clean stations.sif data/brest.csv
apptainer run --app mean stations.sif data/brest.csv
