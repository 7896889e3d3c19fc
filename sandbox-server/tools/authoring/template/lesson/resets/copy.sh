#!/bin/sh
rm -rf kept
