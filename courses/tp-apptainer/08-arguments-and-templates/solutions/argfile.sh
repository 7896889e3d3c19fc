#!/bin/bash
printf 'NAME=Nice\nVERSION=2.1\n' > nice.args
apptainer build --force --build-arg-file nice.args nice.sif greet.def
apptainer build --force --build-arg-file nice.args --build-arg VERSION=2.2-test nice-test.sif greet.def
