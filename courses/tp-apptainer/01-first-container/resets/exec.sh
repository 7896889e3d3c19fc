#!/bin/sh
rm -f inside.txt
