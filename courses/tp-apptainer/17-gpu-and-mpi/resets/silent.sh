#!/bin/sh
rm -f nv.txt
