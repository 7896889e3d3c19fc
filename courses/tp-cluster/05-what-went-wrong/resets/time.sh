#!/bin/sh
rm -f slow.txt data.ready
