#!/bin/sh
. /opt/etabli/check.sh

[ -s mine.txt ] || fail 'Il n’y a pas encore de fichier `mine.txt`, avec une phrase à vous : écrivez-le, avec `echo "…" > mine.txt`.' 'There is no file `mine.txt` with a saying of yours yet: write it, with `echo "…" > mine.txt`.' hint 1
file_contains mine.cow '\|\|-----w' || fail '`mine.cow` ne contient pas encore de vache : gardez-y ce que dit `apptainer run`, avec `>`.' '`mine.cow` holds no cow yet: keep there what `apptainer run` says, with `>`.' hint 2
word=$(tr -cs '[:alnum:]' '\n' < mine.txt | awk 'length($0) > 1 { print; exit }')
file_contains mine.cow "${word:-.}" || fail 'La vache de `mine.cow` ne dit pas votre phrase : `mine.txt` n’était pas à la place de `/usr/share/fortunes`. Montez-le là, avec `--bind`.' 'The cow in `mine.cow` does not say your words: `mine.txt` was not in the place of `/usr/share/fortunes`. Bind it there, with `--bind`.' hint 1
exported='(APPTAINER|SINGULARITY)_BIND'
last_matches '> *[^ ]*mine\.cow' '(--bind|-B|--mount|_BIND(PATH)?=).*fortunes' ||
	{ last_matches "(export|unset) +$exported" fortunes && ran_after "export +$exported.*fortunes" '(apptainer |\.sif).*> *[^ ]*mine\.cow'; } || fail \
	'La phrase est bonne, mais donnée en argument : faites-la lire dans le fichier, avec `--bind`.' 'The words are right, but given as an argument: have them read from the file, with `--bind`.' hint 1
pass
