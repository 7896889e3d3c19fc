#!/bin/sh
rm -f there.sh there.txt
