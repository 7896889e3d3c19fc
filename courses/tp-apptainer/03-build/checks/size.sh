#!/bin/bash
. /opt/etabli/check.sh

limit=$((4 * 1024 * 1024))
if ! is_sif slim.sif; then
	file_exists slim.def || fail \
		'Il n’y a pas encore de recette `slim.def`. Construisez d’abord `heavy.sif` pour voir ce qui pèse.' \
		'There is no recipe `slim.def` yet. Build `heavy.sif` first to see what weighs.' hint 1
	fail '`slim.def` existe, mais l’image `slim.sif` n’est pas construite : `apptainer build slim.sif slim.def`.' '`slim.def` exists, but the image `slim.sif` is not built: `apptainer build slim.sif slim.def`.' hint 3
fi
size=$(sif_size slim.sif)
if [ "$size" -gt $limit ]; then
	mebibytes=$(((size + 524288) / 1048576))
	fail "\`slim.sif\` pèse encore $mebibytes Mio ; il en faut moins de 4. Le compilateur ou ses téléchargements y sont toujours." \
		"\`slim.sif\` still weighs $mebibytes MiB; it should be less than 4. The compiler or its downloads are still in it." hint 2
fi
said=$(timeout 5 apptainer run slim.sif </dev/null 2>&1) || fail \
	"\`slim.sif\` est légère, mais ne fonctionne plus : « $(printf '%s' "$said" | head -n 1) »" \
	"\`slim.sif\` is light, but no longer works: \"$(printf '%s' "$said" | head -n 1)\"" hint 3
case $said in
*'12 x 12 = 144'*'(__)'*) pass ;;
*'(__)'*) fail \
	'`slim.sif` est légère, mais sa vache ne dit pas « 12 x 12 = 144 » : `/opt/app/squares.txt` n’a pas été emporté.' \
	'`slim.sif` is light, but its cow does not say "12 x 12 = 144": `/opt/app/squares.txt` was not taken along.' hint 3 ;;
esac
fail '`slim.sif` est légère, mais ne fait pas parler la vache : elle doit faire le même travail que `heavy.sif`.' \
	'`slim.sif` is light, but does not make the cow speak: it must do the same work as `heavy.sif`.' hint 3
