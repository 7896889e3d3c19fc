#!/bin/sh
# A node that the lesson has taken out of use would be missed in the others.
/opt/etabli/cluster forget
scontrol update nodename=c2 state=resume 2>/dev/null || true
