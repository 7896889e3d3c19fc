#!/bin/sh
# contained.txt is the list of processes of a container that sees only its own: process 1 is Apptainer's own.
. /opt/etabli/check.sh

file_exists contained.txt || fail \
	"Il n’y a pas encore de fichier contained.txt : la liste des processus (ps) d’un conteneur isolé." \
	"There is no file contained.txt yet: the list of processes (ps) of an isolated container." hint 1
wrote='> *[^ ]*contained\.txt'
if ! [ -s contained.txt ]; then
	last_matches "$wrote" '\.sif +(--contain|--containall|-c|-C) ' && fail \
		"contained.txt est vide : l’option est placée après l’image, c’est donc le conteneur qui l’a reçue. Mettez-la avant lolcow.sif." \
		"contained.txt is empty: the option stands after the image, so it was the container that got it. Put it before lolcow.sif." hint 1
	fail \
		"contained.txt est vide : la commande a dû échouer. Lancez-la d’abord sans « > contained.txt »." \
		"contained.txt is empty: the command must have failed. Run it first without \"> contained.txt\"." hint 2
fi
if ! file_contains contained.txt '^ *1 .*appinit'; then
	last_matches "$wrote" ' (--contain|-c) ' && fail \
		"--contain isole les fichiers, mais pas les processus : on voit encore ceux de l’établi. Il existe une option plus complète." \
		"--contain isolates files, but not processes: those of the workbench still show. There is a more thorough option." hint 1
	fail \
		"contained.txt montre les processus de l’établi : ce conteneur-là n’était pas isolé." \
		"contained.txt shows the processes of the workbench: that container was not isolated." hint 1
fi
last_matches "$wrote" ' (--containall|-[a-zA-Z]*C|--contain|-c)( |$)' || fail \
	"Ce conteneur ne voit que ses propres processus, mais il voit encore tous vos fichiers : il existe une option qui ferme tout." \
	"That container sees only its own processes, but it still sees all your files: there is an option that closes everything." hint 1
pass
