#!/bin/sh
/opt/etabli/cluster forget
