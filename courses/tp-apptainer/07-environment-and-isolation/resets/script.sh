#!/bin/sh
rm -f cow.sh
