#!/bin/bash
apptainer instance stop --all
apptainer instance list > left.txt
cat left.txt
