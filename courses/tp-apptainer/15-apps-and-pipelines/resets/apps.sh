#!/bin/sh
rm -f stations.sif build.log
