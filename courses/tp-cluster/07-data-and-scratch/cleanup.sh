#!/bin/sh
/opt/etabli/cluster forget
rm -rf /tmp/.cluster/c?/tmp/note /tmp/.cluster/c?/tmp/messy /tmp/.cluster/c?/tmp/busybox.sif /tmp/.cluster/c?/tmp/tmp.*
