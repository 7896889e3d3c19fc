#!/bin/bash
apptainer push signed.sif oras://localhost:5000/$LEARNER/signed:1.0
apptainer pull --force received.sif oras://localhost:5000/$LEARNER/signed:1.0
apptainer verify --local received.sif
apptainer build --force rebuilt.sif signed.sif
