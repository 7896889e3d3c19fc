#!/bin/sh
set -e
/opt/etabli/cluster forget
rm -rf luggage.tar.gz SHA256SUMS elsewhere
