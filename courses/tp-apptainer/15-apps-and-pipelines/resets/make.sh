#!/bin/sh
rm -rf pipeline.sh out
