#!/bin/sh
rm -f visible.txt
