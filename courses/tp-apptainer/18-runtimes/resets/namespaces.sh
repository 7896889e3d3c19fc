#!/bin/sh
rm -f namespaces.txt
