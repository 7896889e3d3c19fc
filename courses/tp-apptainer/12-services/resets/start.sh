#!/bin/sh
apptainer instance stop --all || true
