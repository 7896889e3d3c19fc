#!/bin/sh
rm -f bare.def bare.sif bare.txt pi
