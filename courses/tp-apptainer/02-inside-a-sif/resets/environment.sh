#!/bin/sh
rm -f clean.txt amazed.txt
