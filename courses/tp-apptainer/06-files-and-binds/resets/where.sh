#!/bin/sh
rm -f programs.txt
