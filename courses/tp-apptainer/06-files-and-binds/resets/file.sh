#!/bin/sh
rm -f mine.txt mine.cow
