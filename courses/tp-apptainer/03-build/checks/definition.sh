#!/bin/bash
. /opt/etabli/check.sh

if ! file_exists lolcow.def; then
	for other in ../lolcow.def lolcow.def.txt lolcow.txt Lolcow.def lolcow.DEF; do
		file_exists "$other" && fail \
			"Il y a bien un fichier \`$other\`, mais la recette doit s’appeler \`lolcow.def\` et se trouver dans \`~/03-build\`." \
			"There is a file \`$other\`, but the recipe must be called \`lolcow.def\` and stand in \`~/03-build\`." hint 1
	done
	fail 'Il n’y a pas encore de recette `lolcow.def` dans `~/03-build` : mettez le bloc en place, ou écrivez-la.' 'There is no recipe `lolcow.def` in `~/03-build` yet: put the block in place, or write it.' hint 1
fi
[ -n "$(def_header lolcow.def Bootstrap)" ] || fail \
	'`lolcow.def` ne dit pas d’où partir : son en-tête doit avoir une ligne `Bootstrap: docker` et une ligne `From: …`.' \
	'`lolcow.def` does not say where to start from: its header needs a line `Bootstrap: docker` and a line `From: …`.' hint 1
def_section lolcow.def runscript >/dev/null || fail \
	'`lolcow.def` n’a pas de section `%runscript` : l’image ne saurait pas quoi faire quand on l’exécute.' \
	'`lolcow.def` has no `%runscript` section: the image would not know what to do when it is run.' hint 1
dir_exists lolcow.sif && fail \
	'`lolcow.sif` est un dossier (une construction avec `--sandbox`), pas un fichier SIF. Effacez-le et construisez sans cette option.' \
	'`lolcow.sif` is a folder (a build with `--sandbox`), not a SIF file. Remove it and build without that option.' hint 2
file_exists lolcow.sif || fail \
	'La recette `lolcow.def` est écrite, mais l’image `lolcow.sif` n’est pas encore construite : `apptainer build lolcow.sif lolcow.def`.' \
	'The recipe `lolcow.def` is written, but the image `lolcow.sif` is not built yet: `apptainer build lolcow.sif lolcow.def`.' hint 2
is_sif lolcow.sif || fail \
	'`lolcow.sif` existe, mais ce n’est pas une image SIF complète. Effacez ce fichier et construisez de nouveau.' \
	'`lolcow.sif` exists, but is not a complete SIF image. Remove this file and build again.' hint 2
if ! sif_built_from lolcow.sif lolcow.def; then
	ran_failed "$(apptainer_call '(build|pull)').*lolcow[.]sif" && fail \
		'La dernière construction s’est arrêtée, et `lolcow.sif` est encore l’ancienne : lisez ce qui précède la ligne `FATAL`.' \
		'The last build stopped, and `lolcow.sif` is still the old one: read what stands before the `FATAL` line.' hint 3
	definition=$(sif_definition lolcow.sif)
	case $definition in
	*%*) fail \
		'`lolcow.sif` a été construite depuis une autre version de `lolcow.def` : la recette a changé depuis. Reconstruisez avec `--force`.' \
		'`lolcow.sif` was built from another version of `lolcow.def`: the recipe has changed since. Build again with `--force`.' hint 3 ;;
	*) fail \
		'`lolcow.sif` existe, mais n’a pas été construite depuis `lolcow.def` : c’est une image téléchargée toute faite. Construisez-la, avec `--force`.' \
		'`lolcow.sif` exists, but it was not built from `lolcow.def`: it is a ready-made image that was downloaded. Build it, with `--force`.' hint 2 ;;
	esac
fi
said=$(timeout 5 apptainer run lolcow.sif etabli </dev/null 2>&1) || fail \
	"\`lolcow.sif\` est construite, mais l’exécuter échoue : « $(printf '%s' "$said" | tail -n 1) »" \
	"\`lolcow.sif\` is built, but running it fails: \"$(printf '%s' "$said" | tail -n 1)\"" hint 3
case $said in
*etabli*'(__)'*) pass ;;
esac
fail \
	'`lolcow.sif` s’exécute, mais `./lolcow.sif etabli` ne fait pas dire « etabli » à la vache : relisez la section `%runscript`.' \
	'`lolcow.sif` runs, but `./lolcow.sif etabli` does not make the cow say "etabli": read the `%runscript` section again.' hint 3
