#!/bin/sh
rm -f almanac.def whole.sif
