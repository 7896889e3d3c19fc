#!/bin/bash
apptainer exec lolcow.sif uname -r > kernel.txt
apptainer exec lolcow.sif sh -c 'echo "Bonjour de $(id -un)" > hello.txt'
ls -l hello.txt
