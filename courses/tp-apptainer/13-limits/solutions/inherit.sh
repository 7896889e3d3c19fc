#!/bin/bash
(ulimit -n 100; apptainer exec lolcow.sif sh -c 'ulimit -n') > inherited.txt
cat inherited.txt
