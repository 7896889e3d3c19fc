#!/bin/sh
# Before the lesson is begun anew. Jobs that run are ended, and those that have ended count no longer in checks.
/opt/etabli/cluster forget
