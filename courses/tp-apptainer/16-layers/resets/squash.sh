#!/bin/sh
rm -rf pack tools.sqfs hello.txt
