#!/bin/sh
# inside.txt is the container's /etc/os-release.
. /opt/etabli/check.sh

file_exists inside.txt || fail \
	"Il n'y a pas encore de fichier inside.txt : envoyez-y ce que le conteneur répond à cat /etc/os-release." \
	"There is no file inside.txt yet: send there what the container answers to cat /etc/os-release." hint 1
[ -s inside.txt ] || fail \
	"inside.txt est vide : la commande n'a rien écrit, sans doute parce qu'elle a échoué. Lancez-la d'abord sans « > inside.txt »." \
	"inside.txt is empty: the command wrote nothing, most likely because it failed. Run it first without \"> inside.txt\"." hint 2
file_contains inside.txt '^ID=debian' && fail \
	"inside.txt décrit Debian, c'est-à-dire l'établi : la commande a été lancée dehors, sans apptainer exec." \
	"inside.txt describes Debian, that is, the bench: the command was run outside, without apptainer exec." hint 2
file_contains inside.txt '^ID=lolcow' || fail \
	"inside.txt n'est pas le fichier /etc/os-release du conteneur lolcow.sif." \
	"inside.txt is not the file /etc/os-release of the container lolcow.sif." hint 2
pass
