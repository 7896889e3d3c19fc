#!/bin/bash
see='echo "home $(ls -A ~ 2>/dev/null | wc -l) procs $(ps | wc -l) foo ${FOO:-no}"'
for option in "" --contain --pid --cleanenv --containall; do printf '%-13s ' "${option:-(none)}"; FOO=1 apptainer exec $option lolcow.sif sh -c "$see"; done > degrees.txt
cat degrees.txt
