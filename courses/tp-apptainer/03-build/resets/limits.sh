#!/bin/bash
rm -f static.def static.sif
