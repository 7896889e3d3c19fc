#!/bin/bash
# The instance is not started again here: that is the step's first hint.
apptainer instance stop --all || true
rm -f processes.txt
