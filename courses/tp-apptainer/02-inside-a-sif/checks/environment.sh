#!/bin/sh
# clean.txt: a calm cow in spite of the shell's COW_MOOD; amazed.txt: an amazed one, by an explicit variable.
. /opt/etabli/check.sh

cow='\((oo|OO|--)\)_________'
file_contains clean.txt "$cow" || fail \
	"Il manque clean.txt, avec une vache : COW_MOOD=tired devant la commande, et pourtant une vache calme." \
	"clean.txt is missing, with a cow in it: COW_MOOD=tired before the command, and a calm cow all the same." hint 1
file_contains clean.txt '^\| *--?[a-z]' && fail \
	"La vache de clean.txt prononce l'option : elle est placée après l'image. Mettez-la juste après run." \
	"The cow of clean.txt speaks the option out: it stands after the image. Put it right after run." hint 1
file_contains clean.txt '\(--\)_' && fail \
	"La vache de clean.txt est fatiguée (--) : la variable de votre shell est entrée dans le conteneur. Fermez-lui la porte, avec --cleanenv." \
	"The cow of clean.txt is tired (--): your shell's variable got into the container. Shut the door on it, with --cleanenv." hint 1
file_contains clean.txt '\(oo\)_' || fail \
	"La vache de clean.txt n'est pas calme (oo) : relancez-la avec --cleanenv." \
	"The cow of clean.txt is not calm (oo): run it again with --cleanenv." hint 1
last_matches '> *[^ ]*clean\.txt' ' (--cleanenv|-[a-zA-Z]*e|--containall|-C) .*lolcow' || fail \
	"La vache de clean.txt est calme, mais parce que rien ne la troublait : mettez COW_MOOD=tired devant la commande, et --cleanenv dedans." \
	"The cow of clean.txt is calm, but only because nothing troubled her: put COW_MOOD=tired before the command, and --cleanenv in it." hint 1
file_contains amazed.txt "$cow" || fail \
	"clean.txt est juste. Reste amazed.txt : une vache étonnée, par une variable donnée explicitement." \
	"clean.txt is right. What remains is amazed.txt: an amazed cow, by a variable given explicitly." hint 2
file_contains amazed.txt '\(OO\)_' || fail \
	"La vache d'amazed.txt n'est pas étonnée (OO) : la variable COW_MOOD=amazed ne lui est pas parvenue." \
	"The cow of amazed.txt is not amazed (OO): the variable COW_MOOD=amazed has not reached her." hint 2
exported='(APPTAINER|SINGULARITY)ENV_COW_MOOD'
last_matches '> *[^ ]*amazed\.txt' '(--env[ =]|--env-file|(APPTAINER|SINGULARITY)ENV_)' ||
	{ last_matches "(export|unset) +$exported" '=.?amazed' && ran_after "export +$exported=.?amazed" '> *[^ ]*amazed\.txt'; } || fail \
	"La vache d'amazed.txt est étonnée, mais la variable vient de votre shell : donnez-la avec --env." \
	"The cow of amazed.txt is amazed, but the variable comes from your shell: give it with --env." hint 2
pass
