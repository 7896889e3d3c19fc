#!/bin/bash
. /opt/etabli/check.sh

is_sif traps.sif || fail '`traps.sif` n’est pas encore construite : construisez-la d’abord telle quelle, pour voir.' '`traps.sif` is not built yet: build it as it is first, to see.' hint 1
sif_built_from traps.sif traps.def || fail '`traps.def` a changé depuis la construction de `traps.sif` : reconstruisez avec `--force`.' '`traps.def` has changed since `traps.sif` was built: build again with `--force`.' hint 1
said=$(timeout 5 apptainer run traps.sif </dev/null 2>&1) || said=
for word in one two three; do
	matches "$said" "^$word\$" || fail "\`./traps.sif\` n’affiche pas le texte « $word » : /opt/texts est-il bien un dossier ? Corrigez \`traps.def\`, puis reconstruisez." "\`./traps.sif\` does not print the text \"$word\": is /opt/texts really a folder? Correct \`traps.def\`, then build again." hint 1
done
matches "$said" '^TITLE$' || fail 'Les textes y sont, mais pas le titre : il s’est perdu dans `/tmp`. Faites-le passer par un dossier de l’image.' 'The texts are there, but not the title: it got lost in `/tmp`. Have it go by way of a folder of the image.' hint 2
[ -n "$(sif_label traps.sif Version)" ] || fail 'Tout s’affiche ; il manque encore l’étiquette `Version` : une ligne `Version …` sous `%labels`.' 'All of it shows; the label `Version` is still missing: a line `Version …` under `%labels`.' hint 1
pass
