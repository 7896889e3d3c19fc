#!/bin/sh
rm -rf tools house.txt
