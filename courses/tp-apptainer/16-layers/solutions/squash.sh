#!/bin/bash
mkdir -p pack/opt/tools
printf '#!/bin/sh\necho "outil partagé"\n' > pack/opt/tools/hello
chmod 755 pack/opt/tools/hello
mksquashfs pack tools.sqfs -noappend -quiet -no-progress
apptainer exec --overlay tools.sqfs:ro lolcow.sif /opt/tools/hello > hello.txt
