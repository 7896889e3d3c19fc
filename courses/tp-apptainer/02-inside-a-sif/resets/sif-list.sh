#!/bin/sh
rm -rf root.squashfs squashfs-root
