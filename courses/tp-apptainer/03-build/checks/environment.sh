#!/bin/bash
. /opt/etabli/check.sh

file_exists lolcow.def || fail 'Il n’y a plus de recette `lolcow.def` : reprenez l’étape 1.' 'There is no recipe `lolcow.def` any more: take up step 1 again.'
is_sif lolcow.sif || fail 'Il n’y a pas d’image `lolcow.sif` : construisez-la.' 'There is no image `lolcow.sif`: build it.' hint 2
for section in environment labels help; do
	def_section lolcow.def "$section" >/dev/null || fail \
		"\`lolcow.def\` n’a pas encore de section \`%$section\` : ajoutez-la, puis reconstruisez." "\`lolcow.def\` has no \`%$section\` section yet: add it, then build again." hint 1
done
if ! sif_built_from lolcow.sif lolcow.def; then
	ran_failed "$(apptainer_call '(build|pull)').*lolcow[.]sif" && fail \
		'La dernière construction s’est arrêtée, et `lolcow.sif` est encore l’ancienne : lisez ce qui précède la ligne `FATAL`.' \
		'The last build stopped, and `lolcow.sif` is still the old one: read what stands before the `FATAL` line.' hint 2
	fail '`lolcow.def` a bien changé, mais `lolcow.sif` est encore construite depuis l’ancienne version : reconstruisez avec `--force`.' \
		'`lolcow.def` has changed, but `lolcow.sif` is still built from the old version: build again with `--force`.' hint 2
fi

for key in Author Version Serial; do
	label=$(sif_label lolcow.sif "$key")
	[ -n "$label" ] || fail \
		"\`lolcow.sif\` n’a pas d’étiquette \`$key\` : sous \`%labels\`, une ligne = le nom, une espace, la valeur (sans \`=\`)." \
		"\`lolcow.sif\` has no label \`$key\`: under \`%labels\`, one line = the name, a space, the value (no \`=\`)." hint 1
done
serial=$(sif_label lolcow.sif Serial)
[ "$serial" = "$SERIAL" ] || fail \
	"L’étiquette \`Serial\` vaut « $serial », et votre image a le numéro « $SERIAL » : corrigez la recette et reconstruisez." \
	"The label \`Serial\` is \"$serial\", and your image has the number \"$SERIAL\": correct the recipe and build again." hint 1
help=$(sif_help lolcow.sif)
[ -n "$(printf '%s' "$help" | tr -d '[:space:]')" ] || fail \
	'La section `%help` est vide : écrivez-y au moins une phrase.' 'The `%help` section is empty: write at least one sentence.' hint 1

# What a program in the container really sees, not what the recipe hopes for.
mood=$(timeout 5 env -u APPTAINERENV_COW_MOOD apptainer exec --cleanenv lolcow.sif /bin/sh -c 'printf %s "${COW_MOOD-}"' </dev/null 2>/dev/null) ||
	broken 'exec in lolcow.sif'
[ "$mood" = amazed ] && pass
environment=$(sif_environment lolcow.sif)
case $environment in
*COW_MOOD*) if [ -z "$mood" ]; then
	fail '`COW_MOOD` est bien dans `%environment`, mais sans `export` : les programmes du conteneur ne la voient pas.' \
		'`COW_MOOD` is in `%environment`, but without `export`: the programs in the container do not see it.' hint 3
	fi
	fail "Dans le conteneur, \`COW_MOOD\` vaut « $mood » : il faut « amazed »." "In the container \`COW_MOOD\` is \"$mood\": it should be \"amazed\"." hint 1 ;;
esac
file_contains lolcow.def 'COW_MOOD' && fail \
	'`COW_MOOD` est dans la recette, mais pas dans `%environment` : une variable mise dans une autre section ne survit pas à la construction.' \
	'`COW_MOOD` is in the recipe, but not in `%environment`: a variable set in another section does not outlive the build.' hint 3
fail 'Dans le conteneur, `COW_MOOD` n’est pas définie : mettez-la dans `%environment`.' \
	'In the container `COW_MOOD` is not set: put it in `%environment`.' hint 1
