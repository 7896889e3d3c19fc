#!/bin/bash
apptainer exec --overlay tuned.img:ro lolcow.sif cat /usr/share/fortunes > fortunes
apptainer exec --overlay tuned.img:ro lolcow.sif cat /usr/local/bin/twice > twice
chmod 755 twice
printf '%s\n' 'Bootstrap: localimage' 'From: lolcow.sif' '' '%files' '    fortunes /usr/share/fortunes' '    twice /usr/local/bin/twice' > tuned.def
apptainer build --force tuned.sif tuned.def
apptainer exec tuned.sif twice moo
