#!/bin/sh
rm -f address.txt
