#!/bin/sh
rm -f heavy.def heavy.sif weight.txt
