#!/bin/sh
rm -rf /tmp/project42
