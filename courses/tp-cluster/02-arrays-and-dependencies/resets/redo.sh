#!/bin/sh
rm -f words-3.txt part-3.txt
