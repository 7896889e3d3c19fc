#!/bin/sh
. /opt/etabli/check.sh

is_sif full.sif || fail 'L’image `full.sif` n’est pas encore là.' 'The image `full.sif` is not there yet.' hint 1
matches "$(sif_descriptors full.sif)" 'Overlay' || fail '`full.sif` ne contient pas de calque.' '`full.sif` holds no overlay.' hint 1
# Read without a container: one that reads the image here would lock it against the learner's next command.
start=$(apptainer sif list full.sif | awk -F '[|-]' '/Overlay/ { print $4 + 0 }')
[ -n "$(debugfs -R 'cat /upper/opt/inside' "full.sif?offset=$start" 2>/dev/null)" ] || fail 'Le calque de `full.sif` ne contient pas `/opt/inside`.' 'The overlay of `full.sif` does not hold `/opt/inside`.' hint 1
is_sif clean.sif || fail 'Reste `clean.sif` : la même image, sans son calque.' 'What remains is `clean.sif`: the same image, without its overlay.' hint 2
matches "$(sif_descriptors clean.sif)" 'Overlay' && fail '`clean.sif` contient encore le calque.' '`clean.sif` still holds the overlay.' hint 2
sif_at_most clean.sif 16777216 || fail '`clean.sif` pèse autant que `full.sif` : les octets du calque y sont encore (`sif del` ne fait que le rayer de la liste).' '`clean.sif` weighs as much as `full.sif`: the bytes of the overlay are still in it (`sif del` only strikes it off the list).' hint 2
pass
