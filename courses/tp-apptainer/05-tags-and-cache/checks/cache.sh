#!/bin/sh
# one and two are one file's copies, three is a conversion of its own.
. /opt/etabli/check.sh

[ -s cache.txt ] || fail 'Il n’y a pas encore de `cache.txt` : la liste de ce que le cache contient.' 'There is no `cache.txt` yet: the list of what the cache holds.' hint 1
for image in one two three; do
	is_sif "$image.sif" || fail "L’image \`$image.sif\` manque encore : tirez-la sous ce nom, avec \`apptainer pull\`." "The image \`$image.sif\` is still missing: pull it under this name, with \`apptainer pull\`." hint 1
done
same_content one.sif two.sif || fail \
	'`one.sif` et `two.sif` diffèrent : l’une d’elles n’a pas été prise dans le cache. Tirez les deux sans `--disable-cache`.' \
	'`one.sif` and `two.sif` differ: one of them did not come from the cache. Pull both without `--disable-cache`.' hint 1
same_content one.sif three.sif && fail \
	'`three.sif` est identique aux autres : elle vient encore du cache. Tirez-la de nouveau, avec `--force --disable-cache`.' '`three.sif` is identical to the others: it still comes from the cache. Pull it again, with `--force --disable-cache`.' hint 2
pass
