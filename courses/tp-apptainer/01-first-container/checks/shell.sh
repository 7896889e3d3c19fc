#!/bin/sh
# moo.txt holds a cow, and a shell in the container has been left. What was typed inside it is not in the history.
. /opt/etabli/check.sh

shell=$(apptainer_call shell)
if ! file_exists moo.txt; then
	ran_any "$shell" && fail \
		"Vous êtes entré dans le conteneur, mais le fichier moo.txt n’est pas dans le dossier de la leçon." \
		"You have been in the container, but the file moo.txt is not in the lesson's folder." hint 2
	fail \
		"Il n’y a pas encore de fichier moo.txt : entrez dans le conteneur, faites-le, puis sortez avec exit." \
		"There is no file moo.txt yet: enter the container, make it, then leave with exit." hint 1
fi
file_contains moo.txt '\|\|-----w \|' || fail \
	"moo.txt existe, mais aucune vache n’y parle : il doit recevoir ce que dit cowsay." \
	"moo.txt exists, but no cow speaks in it: it is to receive what cowsay says." hint 2
ran_any "$shell" || fail \
	"moo.txt est là, mais il n’a pas été écrit depuis apptainer shell (ou vous n’en êtes pas encore sorti : tapez exit)." \
	"moo.txt is there, but it was not written from apptainer shell (or you have not left it yet: type exit)." hint 1
# Written after that by another command? Then the shell was left without it.
last_matches "$shell|(>|tee ) *[^ ]*moo\\.txt" "$shell" || fail \
	"moo.txt est là, mais c’est une commande donnée hors d’apptainer shell qui l’a écrit en dernier : refaites-le de l’intérieur." \
	"moo.txt is there, but a command outside apptainer shell wrote it last: make it again from inside." hint 2
pass
