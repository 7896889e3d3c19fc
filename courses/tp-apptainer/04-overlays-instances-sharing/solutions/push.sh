#!/bin/bash
apptainer push lolcow.sif oras://localhost:5000/$LEARNER/lolcow:1.0
curl -s localhost:5000/v2/$LEARNER/lolcow/tags/list
