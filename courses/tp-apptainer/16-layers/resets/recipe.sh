#!/bin/sh
rm -f tuned.def tuned.sif fortunes twice
