#!/bin/sh
rm -f config.json
