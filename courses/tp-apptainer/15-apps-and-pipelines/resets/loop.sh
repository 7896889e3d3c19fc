#!/bin/sh
rm -f means.txt
