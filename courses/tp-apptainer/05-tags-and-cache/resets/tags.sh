#!/bin/sh
rm -f tags.txt
