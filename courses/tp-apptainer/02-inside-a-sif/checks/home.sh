#!/bin/sh
# house/note.txt was written by a container whose home is house/.
. /opt/etabli/check.sh

house=$PWD/house
if ! [ -s house/note.txt ]; then
	ran_failed "$(apptainer_call '(exec|run|shell)').*(note\\.txt|--home|-H)" && fail \
		"La dernière commande a échoué : lisez ce qu’elle a répondu." \
		"The last command failed: read what it answered." hint 2
	[ -e "$HOME/note.txt" ] && ! [ note.txt -nt "$HOME/note.txt" ] && fail \
		"note.txt est arrivé dans votre vrai dossier personnel : soit --home manquait, soit la redirection a été faite par votre shell (mettez-la entre apostrophes)." \
		"note.txt has arrived in your real home folder: either --home was missing, or your shell made the redirection (put it between single quotes)." hint 2
	[ -e note.txt ] && fail \
		"note.txt est dans le dossier de la leçon : dans le conteneur, écrivez-le dans le dossier personnel, ~/note.txt." \
		"note.txt is in the lesson's folder: in the container, write it to the home folder, ~/note.txt." hint 2
	dir_exists house || fail \
		"Il n'y a pas encore de dossier house : créez-le, il servira de dossier personnel au conteneur." \
		"There is no folder house yet: make it, it will be the container's home." hint 1
	fail \
		"Le dossier house est prêt, mais le conteneur n'y a pas encore écrit note.txt." \
		"The folder house is ready, but the container has not written note.txt there yet." hint 1
fi
last_matches '> *[^ ]*note\.txt' ' (--home|-H)[ =]' || ran_any "$(apptainer_call shell).*(--home|-H)[ =]" || fail \
	"house/note.txt est là, mais aucun conteneur n'a reçu house comme dossier personnel : c'est l'option --home." \
	"house/note.txt is there, but no container was given house as its home: that is the option --home." hint 2
file_contains house/note.txt "^${house}\$|/home/" || fail \
	"house/note.txt ne dit pas où le conteneur croit être chez lui : écrivez-y la valeur de HOME, vue de l'intérieur." \
	"house/note.txt does not say where the container believes its home to be: write the value of HOME to it, as seen from inside." hint 2
file_contains house/note.txt "^$HOME\$" && fail \
	"house/note.txt contient « $HOME », votre vrai dossier : \$HOME a été remplacé par votre shell. Employez des apostrophes (')." \
	"house/note.txt holds \"$HOME\", your real home: \$HOME was replaced by your shell. Use single quotes (')." hint 2
pass
