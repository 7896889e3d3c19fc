#!/bin/sh
rm -f run.env wrong.env tired.txt
