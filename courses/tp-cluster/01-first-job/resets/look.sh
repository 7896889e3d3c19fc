#!/bin/sh
rm -f nodes.txt
