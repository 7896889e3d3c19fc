#!/bin/sh
rm -f oci.txt
