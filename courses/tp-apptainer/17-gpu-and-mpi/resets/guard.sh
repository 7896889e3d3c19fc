#!/bin/sh
rm -f gpu.sh
