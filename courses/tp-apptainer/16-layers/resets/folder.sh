#!/bin/sh
chmod -R u+rwx layer 2> /dev/null || true
rm -rf layer layer.txt
