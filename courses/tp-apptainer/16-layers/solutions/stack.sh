#!/bin/bash
[ -e team.img ] || apptainer overlay create --size 64 team.img
apptainer exec --overlay team.img lolcow.sif sh -c 'echo "de l’équipe" > /opt/shared'
[ -e mine.img ] || apptainer overlay create --size 64 mine.img
apptainer exec --overlay team.img:ro --overlay mine.img lolcow.sif sh -c 'echo "le mien" > /opt/shared'
apptainer exec --overlay team.img:ro --overlay mine.img:ro lolcow.sif cat /opt/shared
