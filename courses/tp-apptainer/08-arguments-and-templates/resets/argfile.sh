#!/bin/sh
rm -f nice.args nice.sif nice-test.sif
