#!/bin/bash
apptainer inspect --deffile lolcow.sif > origin.def
cat origin.def
