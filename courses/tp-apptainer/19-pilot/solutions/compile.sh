#!/bin/bash
apptainer exec toolchain.sif cc -o heat heat.c
apptainer exec toolchain.sif ./heat {{cells}} 200 > reference.txt
cat reference.txt
