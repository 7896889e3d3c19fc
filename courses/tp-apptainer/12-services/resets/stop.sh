#!/bin/sh
rm -f left.txt
