#!/bin/sh
rm -f locked.sif
