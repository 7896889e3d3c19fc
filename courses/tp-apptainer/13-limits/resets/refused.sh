#!/bin/sh
rm -f refused.txt
