#!/bin/sh
set -e
apptainer pull --force lolcow.sif docker://localhost:5000/lolcow:1.0
[ ! -s tuned.img ] || exit 0
apptainer -q overlay create --size 64 tuned.img
apptainer exec --overlay tuned.img lolcow.sif sh -c 'echo "Ce qui est fait à la main se perd." > /usr/share/fortunes; printf "#!/bin/sh\ncowsay \"\$* \$*\"\n" > /usr/local/bin/twice; chmod 755 /usr/local/bin/twice'
