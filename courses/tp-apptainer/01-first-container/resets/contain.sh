#!/bin/sh
rm -f contained.txt
