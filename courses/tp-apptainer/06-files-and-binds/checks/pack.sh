#!/bin/sh
. /opt/etabli/check.sh

[ "$(head -c 4 many.sqfs 2>/dev/null)" = hsqs ] || fail 'Il n’y a pas encore de squashfs `many.sqfs` : `mksquashfs` le fait du dossier `many`.' 'There is no squashfs `many.sqfs` yet: `mksquashfs` makes it of the folder `many`.' hint 1
file_contains count.txt '^ *1000$' || fail "\`count.txt\` devrait dire 1000 ; il dit « $(excerpt count.txt) ». Comptez dans le conteneur, \`many.sqfs\` monté avec \`image-src=/\` : \`ls /many | wc -l\`." "\`count.txt\` should say 1000; it says \"$(excerpt count.txt)\". Count in the container, \`many.sqfs\` bound with \`image-src=/\`: \`ls /many | wc -l\`." hint 2
last_matches '> *[^ ]*count\.txt' 'many\.sqfs.*image-src|image-src.*many\.sqfs' || fail 'Le compte est bon, mais il ne vient pas du squashfs : montez `many.sqfs` avec `image-src=/`.' 'The count is right, but does not come from the squashfs: bind `many.sqfs` with `image-src=/`.' hint 1
pass
