#!/bin/sh
rm -f far.txt
