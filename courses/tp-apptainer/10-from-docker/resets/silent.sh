#!/bin/sh
rm -rf lost.txt state
