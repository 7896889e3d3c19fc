#!/bin/sh
rm -f kernel.txt hello.txt
