#!/bin/sh
. /opt/etabli/check.sh

is_sif full.sif || fail 'L’image `full.sif` n’est pas encore là : copiez `lolcow.sif` sous ce nom.' 'The image `full.sif` is not there yet: copy `lolcow.sif` to this name.' hint 1
matches "$(sif_descriptors full.sif)" 'Overlay' || fail '`full.sif` ne contient pas de calque : `apptainer overlay create` l’y ajoute.' '`full.sif` holds no overlay: `apptainer overlay create` adds one.' hint 1
# Read without a container: one that reads the image here would lock it against the learner's next command.
start=$(apptainer sif list full.sif | awk -F '[|-]' '/Overlay/ { print $4 + 0 }')
[ -n "$(debugfs -R 'cat /upper/opt/inside' "full.sif?offset=$start" 2>/dev/null)" ] || fail 'Le calque de `full.sif` ne contient pas `/opt/inside` : écrivez-le, avec `--writable`.' 'The overlay of `full.sif` does not hold `/opt/inside`: write it, with `--writable`.' hint 1
is_sif clean.sif || fail 'Reste `clean.sif` : la même image, sans son calque. Construisez-la depuis `full.sif`.' 'What remains is `clean.sif`: the same image, without its overlay. Build it from `full.sif`.' hint 2
matches "$(sif_descriptors clean.sif)" 'Overlay' && fail '`clean.sif` contient encore le calque : construisez-la depuis `full.sif`, au lieu de la copier.' '`clean.sif` still holds the overlay: build it from `full.sif` instead of copying that.' hint 2
sif_at_most clean.sif 16777216 || fail '`clean.sif` pèse autant que `full.sif` : les octets du calque y sont encore (`sif del` ne fait que le rayer de la liste). Construisez-la depuis `full.sif`.' '`clean.sif` weighs as much as `full.sif`: the bytes of the overlay are still in it (`sif del` only strikes it off the list). Build it from `full.sif`.' hint 2
pass
