#!/bin/bash
. /opt/etabli/check.sh

file_exists lolcow.def || fail 'Il n’y a plus de recette `lolcow.def` : reprenez l’étape 1.' 'There is no recipe `lolcow.def` any more: take up step 1 again.'
def_section lolcow.def test >/dev/null || fail \
	'`lolcow.def` n’a pas encore de section `%test` : ajoutez-la à la fin.' '`lolcow.def` has no `%test` section yet: add it at the end.' hint 1
is_sif lolcow.sif || fail \
	'`lolcow.sif` n’existe pas : la construction s’est sans doute arrêtée. Lisez la dernière ligne `FATAL`.' \
	'`lolcow.sif` does not exist: the build has probably stopped. Read the last `FATAL` line.' hint 2
if ! sif_built_from lolcow.sif lolcow.def; then
	ran_failed "$(apptainer_call '(build|pull)').*lolcow[.]sif" && fail \
		'La dernière construction s’est arrêtée, et `lolcow.sif` est encore l’ancienne. Est-ce le test qui échoue ? Lisez ce qui précède `FATAL`.' \
		'The last build stopped, and `lolcow.sif` is still the old one. Is it the test that fails? Read what stands before `FATAL`.' hint 2
	fail '`%test` est dans `lolcow.def`, mais pas encore dans `lolcow.sif` : reconstruisez avec `--force`.' \
		'`%test` is in `lolcow.def`, but not in `lolcow.sif` yet: build again with `--force`.' hint 2
fi
tests=$(sif_test lolcow.sif)
case $tests in
*cowsay*) ;;
*) fail \
	'Le test de `lolcow.sif` n’appelle jamais `cowsay` : il passerait même si la vache était muette.' \
	'The test of `lolcow.sif` never calls `cowsay`: it would pass even if the cow were mute.' hint 1 ;;
esac
if ! said=$(timeout 5 apptainer test lolcow.sif </dev/null 2>&1); then
	last=$(printf '%s' "$said" | tail -n 1)
	fail "\`lolcow.sif\` existe, mais \`apptainer test lolcow.sif\` échoue${last:+ (« $last »)} : a-t-elle été construite avec \`--notest\` ?" \
		"\`lolcow.sif\` exists, but \`apptainer test lolcow.sif\` fails${last:+ (\"$last\")}: was it built with \`--notest\`?" hint 3
fi
# Only a test that notices is one: the same image, its cow taken away. (A file that cannot be run stands where the program was.)
timeout 5 apptainer test --bind /dev/null:/usr/local/bin/cowsay lolcow.sif </dev/null >/dev/null 2>&1 && fail \
	'Le test de `lolcow.sif` réussit même quand on lui enlève la vache : sans `set -e`, seule la dernière commande compte.' \
	'The test of `lolcow.sif` goes well even when its cow is taken away: without `set -e` only the last command counts.' hint 1
pass
