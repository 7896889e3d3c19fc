#!/bin/sh
# The image was run by `apptainer run`, and as a program with a word for the cow. Only the history can tell.
. /opt/etabli/check.sh

run="$(apptainer_call run).*lolcow"
bare='(^|[;&|] *)lolcow\.sif'
program='(^|[;&|] *)(\.|~|\$HOME|\$PWD|/home/learner)[^ ]*/lolcow\.sif|(^|[;&|] *)\./lolcow\.sif'
# Each way of trying it; the last one decides what is said.
try="$(apptainer_call run)|$bare|$program"
if ! ran "$run"; then
	last_matches "$try" "$bare" && fail \
		"Le shell ne cherche pas les programmes dans le dossier courant : pour l’instant, lancez l’image avec apptainer run lolcow.sif." \
		"The shell does not look for programs in the current folder: for now, start the image with apptainer run lolcow.sif." hint 1
	ran_failed "$(apptainer_call run)" && fail \
		"apptainer run a échoué : êtes-vous dans le dossier de lolcow.sif ? (ls le montre.)" \
		"apptainer run failed: are you in the folder of lolcow.sif? (ls shows it.)" hint 1
	fail \
		"L’image n’a pas encore été exécutée avec apptainer run : lancez apptainer run lolcow.sif." \
		"The image has not been run with apptainer run yet: type apptainer run lolcow.sif." hint 1
fi
# A word: no redirection (2>), no separator.
ran "($program) +([^ ;&|<>0-9]|[0-9]+[^<>0-9])" && pass
last_matches "$try" "$bare" && fail \
	"Le shell ne cherche pas les programmes dans le dossier courant : écrivez ./ devant lolcow.sif." \
	"The shell does not look for programs in the current folder: write ./ before lolcow.sif." hint 2
ran "$program" || fail \
	"apptainer run fonctionne. Reste à lancer le fichier lui-même, comme un programme, avec une phrase pour la vache." \
	"apptainer run works. What remains is to start the file itself, as a program, with a sentence for the cow." hint 2
fail \
	"./lolcow.sif a bien démarré, mais sans phrase : ajoutez-en une derrière, entre guillemets." \
	"./lolcow.sif did start, but with no sentence: add one after it, in quotes." hint 2
