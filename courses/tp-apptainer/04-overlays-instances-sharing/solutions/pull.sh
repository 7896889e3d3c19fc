#!/bin/bash
apptainer pull --force copy.sif oras://localhost:5000/$LEARNER/lolcow:1.0
sha256sum lolcow.sif copy.sif
