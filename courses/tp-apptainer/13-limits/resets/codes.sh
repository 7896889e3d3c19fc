#!/bin/sh
rm -f codes.txt
