#!/bin/bash
apptainer sif list lolcow.sif
apptainer sif dump 4 lolcow.sif > root.squashfs
unsquashfs -cat root.squashfs etc/os-release
