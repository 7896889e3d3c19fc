#!/bin/bash
rm -f digest.txt exact.sif latest.sif
