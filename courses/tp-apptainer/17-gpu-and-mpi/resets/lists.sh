#!/bin/sh
rm -f nvlist.txt
