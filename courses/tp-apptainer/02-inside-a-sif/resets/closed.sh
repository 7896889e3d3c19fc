#!/bin/sh
rm -f hottest.txt
