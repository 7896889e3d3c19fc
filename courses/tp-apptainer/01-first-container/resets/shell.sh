#!/bin/sh
rm -f moo.txt
