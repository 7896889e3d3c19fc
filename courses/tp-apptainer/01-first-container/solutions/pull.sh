#!/bin/bash
apptainer pull lolcow.sif docker://localhost:5000/lolcow:1.0
