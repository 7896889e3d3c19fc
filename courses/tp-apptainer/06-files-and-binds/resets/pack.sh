#!/bin/sh
rm -rf many many.sqfs count.txt
