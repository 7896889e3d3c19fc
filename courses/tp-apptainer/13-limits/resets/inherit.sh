#!/bin/sh
rm -f limits.txt inherited.txt
