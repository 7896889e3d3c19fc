#!/bin/bash
apptainer inspect --deffile locked.sif > visible.txt
apptainer inspect locked.sif >> visible.txt
cat visible.txt
