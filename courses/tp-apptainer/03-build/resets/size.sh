#!/bin/bash
rm -f slim.def slim.sif heavy.sif
