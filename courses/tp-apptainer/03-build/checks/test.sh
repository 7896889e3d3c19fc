#!/bin/bash
. /opt/etabli/check.sh

file_exists lolcow.def || fail 'Il n’y a plus de recette `lolcow.def` : reprenez l’étape 1.' 'There is no recipe `lolcow.def` any more: take up step 1 again.'
file_contains lolcow.def '^%test([[:space:]]|$)' || fail \
	'`lolcow.def` n’a pas encore de section `%test`.' '`lolcow.def` has no `%test` section yet.' hint 1
is_sif lolcow.sif || fail \
	'`lolcow.sif` n’existe pas : la construction s’est sans doute arrêtée. Lisez la dernière ligne `FATAL`.' \
	'`lolcow.sif` does not exist: the build has probably stopped. Read the last `FATAL` line.' hint 2
sif_built_from lolcow.sif lolcow.def || fail \
	'`%test` est dans `lolcow.def`, mais pas encore dans `lolcow.sif` : reconstruisez avec `--force` (et si la construction s’arrête, lisez pourquoi).' \
	'`%test` is in `lolcow.def`, but not in `lolcow.sif` yet: build again with `--force` (and if the build stops, read why).' hint 2
tests=$(sif_test lolcow.sif)
case $tests in
*cowsay*) ;;
*) fail \
	'Le test de `lolcow.sif` n’appelle jamais `cowsay` : il passerait même si la vache était muette.' \
	'The test of `lolcow.sif` never calls `cowsay`: it would pass even if the cow were mute.' hint 1 ;;
esac
said=$(timeout 5 apptainer test lolcow.sif </dev/null 2>&1) || fail \
	"\`apptainer test lolcow.sif\` échoue : $(printf '%s' "$said" | tail -n 1) (une image construite avec \`--notest\` peut être cassée sans le dire)." \
	"\`apptainer test lolcow.sif\` fails: $(printf '%s' "$said" | tail -n 1) (an image built with \`--notest\` can be broken without a word)." hint 3
pass
