#!/bin/sh
rm -f signed.sif
