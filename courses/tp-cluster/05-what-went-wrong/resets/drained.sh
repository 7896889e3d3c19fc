#!/bin/sh
scontrol update nodename=c2 state=resume 2>/dev/null || true # It is in use when nobody has taken it out of use.
scancel --name=both
rm -f drained.txt both.txt
