#!/bin/sh
rm -f day.txt almanac.sif
