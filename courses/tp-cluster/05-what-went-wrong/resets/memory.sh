#!/bin/sh
rm -f greedy.txt
sed -i "s/--mem=.*/--mem=64M/" greedy.sh
