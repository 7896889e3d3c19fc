#!/bin/sh
rm -f tested.txt
sed -i 's/= 13\.0$/= 13/' stations.def
[ ! -e stations.sif ] || apptainer -q build --force stations.sif stations.def
