#!/bin/sh
# kernel.txt: the kernel's release as the container sees it; hello.txt: written from inside, found outside.
. /opt/etabli/check.sh

kernel=$(uname -r)
[ -s kernel.txt ] || fail \
	"Il manque kernel.txt (ou il est vide) : le numéro du noyau, demandé au conteneur avec uname -r." \
	"kernel.txt is missing (or empty): the kernel's release, asked of the container with uname -r." hint 1
file_contains kernel.txt "^$(printf '%s' "$kernel" | sed 's/[.+]/\\&/g')\$" || fail \
	"kernel.txt contient « $(head -n 1 kernel.txt | cut -c1-60) », et non le numéro du noyau que donne uname -r." \
	"kernel.txt holds \"$(head -n 1 kernel.txt | cut -c1-60)\", and not the kernel's release that uname -r gives." hint 1
ran_any 'apptainer.* exec .*uname' || fail \
	"Le numéro est juste, mais il a été demandé à l'établi : posez la question au conteneur, avec apptainer exec." \
	"The release is right, but the bench was asked: ask the container, with apptainer exec." hint 1
[ -s hello.txt ] || fail \
	"Reste hello.txt, à écrire depuis l'intérieur du conteneur : il n'est pas encore dans le dossier de la leçon." \
	"What remains is hello.txt, to be written from inside the container: it is not in the lesson's folder yet." hint 2
ran_any 'apptainer.* exec .*hello\.txt' || ran_after 'apptainer.* exec .*uname' 'apptainer.* shell' || fail \
	"hello.txt est là, mais c'est l'établi qui l'a écrit : la redirection doit se faire dans le conteneur, entre apostrophes." \
	"hello.txt is there, but the bench wrote it: the redirection must happen in the container, between single quotes." hint 2
pass
