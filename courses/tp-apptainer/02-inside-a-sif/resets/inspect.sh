#!/bin/sh
rm -f origin.def
