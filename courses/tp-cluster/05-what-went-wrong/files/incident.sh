#!/bin/bash
# What an administrator does when a node has a fault: it finishes what it has, and takes nothing new.
scontrol update nodename=c2 state=drain reason="disk full"
sbatch both.sh
