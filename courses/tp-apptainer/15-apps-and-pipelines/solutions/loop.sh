#!/bin/bash
ls data/*.csv | while read -r file; do echo "$file $(apptainer run --app mean stations.sif "$file" < /dev/null)"; done > means.txt
cat means.txt
