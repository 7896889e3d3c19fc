#!/bin/sh
rm -f received.sif rebuilt.sif
