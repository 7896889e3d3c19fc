#!/bin/sh
rm -f light.def light.sif
