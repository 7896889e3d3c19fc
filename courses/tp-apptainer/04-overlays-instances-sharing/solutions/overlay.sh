#!/bin/bash
[ -s notes.img ] || apptainer overlay create --size 64 notes.img
apptainer exec --overlay notes.img lolcow.sif sh -c 'echo "essai 1 : 42" >> /opt/notes.txt'
apptainer exec --overlay notes.img lolcow.sif cat /opt/notes.txt
