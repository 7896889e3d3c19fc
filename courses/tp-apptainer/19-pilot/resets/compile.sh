#!/bin/sh
rm -f heat reference.txt
