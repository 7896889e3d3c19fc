#!/bin/sh
rm -f ranks.txt lost.txt
