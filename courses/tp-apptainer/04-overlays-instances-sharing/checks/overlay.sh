#!/bin/bash
. /opt/etabli/check.sh

dir_exists notes.img && fail \
	'`notes.img` est un dossier : effacez-le et créez le calque avec `apptainer overlay create --size 64 notes.img`.' \
	'`notes.img` is a folder: remove it and create the overlay with `apptainer overlay create --size 64 notes.img`.' hint 1
file_exists notes.img || fail \
	'Il n’y a pas encore de calque `notes.img` dans ce dossier : `apptainer overlay create --size 64 notes.img`.' 'There is no overlay `notes.img` in this folder yet: `apptainer overlay create --size 64 notes.img`.' hint 1
# An ext file system has the number 0xef53 (little-endian) at byte 1080.
[ "$(od -An -tx1 -j1080 -N2 notes.img 2>/dev/null | tr -d ' ')" = 53ef ] || fail \
	'`notes.img` existe, mais n’est pas un calque : effacez-le et créez-le avec `apptainer overlay create`.' \
	'`notes.img` exists, but is not an overlay: remove it and create it with `apptainer overlay create`.' hint 1
# What was written over the image lies in the overlay's folder "upper"; reading it needs no container.
notes=$(debugfs -R 'cat /upper/opt/notes.txt' notes.img 2>/dev/null) || broken 'debugfs notes.img'
[ -n "$notes" ] && pass
for stray in notes.txt ../notes.txt; do
	file_exists "$stray" && fail \
		"Le texte est dans \`$stray\`, sur l’établi : il doit être écrit dans le conteneur, dans \`/opt/notes.txt\`." \
		"The text is in \`$stray\`, on the workbench: it must be written in the container, to \`/opt/notes.txt\`." hint 3
done
# Only the last attempt counts: an early mistake must not be told again after it was understood.
attempt=$(whole_command "$(apptainer_call '(exec|shell|run)').*--overlay")
[ -n "$attempt" ] || fail \
	'Le calque `notes.img` existe, mais rien n’y est écrit : lancez `apptainer exec` avec l’option `--overlay notes.img`.' \
	'The overlay `notes.img` exists, but nothing is written in it: start `apptainer exec` with the option `--overlay notes.img`.' hint 2
shell_writes "$attempt" /opt/notes.txt && fail \
	'Le calque est prêt, mais c’est votre shell, hors du conteneur, qui a tenté d’écrire `/opt/notes.txt` : mettez la commande dans `sh -c "…"`.' \
	'The overlay is ready, but it was your shell, outside the container, that tried to write `/opt/notes.txt`: put the command in `sh -c "…"`.' hint 3
fail 'Le calque `notes.img` ne contient pas (encore) de fichier `/opt/notes.txt` avec du texte.' \
	'The overlay `notes.img` does not hold a file `/opt/notes.txt` with text in it (yet).' hint 2
