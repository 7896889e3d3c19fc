#!/bin/sh
# kernel.txt: the kernel's release as the container sees it; hello.txt: written from inside, found outside.
. /opt/etabli/check.sh

kernel=$(uname -r)
[ -s kernel.txt ] || fail \
	"Il manque kernel.txt (ou il est vide) : le numéro du noyau, demandé au conteneur avec uname -r." \
	"kernel.txt is missing (or empty): the kernel's release, asked of the container with uname -r." hint 1
file_contains kernel.txt "^$(printf '%s' "$kernel" | sed 's/[.+]/\\&/g')\$" || fail \
	"kernel.txt contient « $(excerpt kernel.txt) », et non le numéro du noyau que donne uname -r." \
	"kernel.txt holds \"$(excerpt kernel.txt)\", and not the kernel's release that uname -r gives." hint 1
inside="$(apptainer_call '(exec|run|shell)')"
last_matches '> *[^ ]*kernel\.txt' "$inside|lolcow\.sif" || fail \
	"Le numéro est juste, mais il a été demandé à l’établi : posez la question au conteneur, avec apptainer exec." \
	"The release is right, but the workbench was asked: ask the container, with apptainer exec." hint 1
[ -s hello.txt ] || fail \
	"Reste hello.txt, à écrire depuis l’intérieur du conteneur : il n’est pas encore dans le dossier de la leçon." \
	"What remains is hello.txt, to be written from inside the container: it is not in the lesson's folder yet." hint 2
# What wrote it last. Nothing did that shows: then it was typed into a shell inside, and that is in no history.
wrote=$(whole_command '(>|tee |touch |cp |mv |dd ).*hello\.txt')
if [ -z "$wrote" ]; then
	ran_any "$(apptainer_call shell)" && pass
elif shell_writes "$wrote" hello.txt; then
	fail "hello.txt est là, mais c’est votre shell, dehors, qui l’a écrit : la redirection doit se faire dans le conteneur, entre apostrophes." \
		"hello.txt is there, but your shell, outside, wrote it: the redirection must happen in the container, between single quotes." hint 2
elif matches "$wrote" "$inside"; then
	pass
fi
fail "hello.txt est là, mais c’est l’établi qui l’a écrit : écrivez-le avec apptainer exec." \
	"hello.txt is there, but the workbench wrote it: write it with apptainer exec." hint 2
