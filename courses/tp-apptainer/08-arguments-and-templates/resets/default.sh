#!/bin/sh
rm -f greet.def greet.sif
