#!/bin/sh
rm -f guard.sh
