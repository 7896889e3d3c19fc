#!/bin/bash
sed -i 's/= 13$/= 13.0/' stations.def
apptainer -q build --force stations.sif stations.def 2> build.log
apptainer test --app clean stations.sif && apptainer test --app mean stations.sif && echo "clean and mean are well" > tested.txt
cat tested.txt
