#!/bin/sh
# Fails when nothing runs, which is what we want.
apptainer instance stop --all || true
