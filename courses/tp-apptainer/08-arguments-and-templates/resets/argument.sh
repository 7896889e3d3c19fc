#!/bin/sh
rm -f lyon.sif other.sif
