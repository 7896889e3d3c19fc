#!/bin/sh
rm -rf job.sh remote
