#!/bin/bash
grep -v '^#' /etc/apptainer/nvliblist.conf | grep -v '^$' > nvlist.txt
grep -n cuda nvlist.txt
