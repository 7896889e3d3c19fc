#!/bin/sh
rm -f degrees.txt
