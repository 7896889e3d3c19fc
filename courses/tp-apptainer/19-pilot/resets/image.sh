#!/bin/sh
rm -f heat.def heat.sif
