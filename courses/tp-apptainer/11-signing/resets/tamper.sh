#!/bin/sh
rm -f forged.sif forged.txt
