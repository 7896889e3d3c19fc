#!/bin/sh
rm -f plain.sif stolen.txt
