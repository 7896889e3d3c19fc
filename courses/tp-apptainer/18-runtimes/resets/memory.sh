#!/bin/sh
rm -f memory.txt
