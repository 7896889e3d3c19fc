#!/bin/sh
# lolcow.sif is in the lesson's folder and comes from lolcow:1.0. The last attempt decides what is said, not one that was tried before.
. /opt/etabli/check.sh

pull=$(apptainer_call pull)
if ! file_exists lolcow.sif; then
	ran_failed "$pull" && fail \
		"La dernière commande apptainer pull a échoué : sa ligne FATAL dit pourquoi. Vérifiez le nom de l’image et son étiquette." \
		"The last apptainer pull failed: its FATAL line says why. Check the name of the image and its tag." hint 2
	last_matches "$pull" 'lolcow\.sif' || ! file_exists lolcow_1.0.sif || fail \
		"L’image est bien arrivée, mais sous le nom lolcow_1.0.sif : faites précéder son adresse du nom voulu, lolcow.sif." \
		"The image did arrive, but under the name lolcow_1.0.sif: put the name you want, lolcow.sif, before its address." hint 2
	file_exists "$HOME/lolcow.sif" && fail \
		"lolcow.sif est dans votre dossier personnel, pas dans celui de la leçon : allez-y avec cd ~/01-first-container, puis recommencez." \
		"lolcow.sif is in your home folder, not in the lesson's: go there with cd ~/01-first-container, then try again." hint 1
	fail \
		"Il n’y a pas encore de fichier lolcow.sif dans le dossier de la leçon : téléchargez-le, avec apptainer pull." \
		"There is no file lolcow.sif in the lesson's folder yet: download it, with apptainer pull." hint 1
fi
is_sif lolcow.sif || fail \
	"lolcow.sif existe, mais ce n’est pas une image SIF complète : effacez-le (rm lolcow.sif) et téléchargez-le de nouveau." \
	"lolcow.sif exists, but it is not a complete SIF image: delete it (rm lolcow.sif) and download it again." hint 2
from=$(sif_label lolcow.sif org.label-schema.usage.singularity.deffile.from)
case $from in
	*lolcow:1.0 | *lolcow@sha256:*) pass ;;
esac
fail \
	"lolcow.sif est bien une image, mais elle vient de « ${from:-ailleurs} » et non de localhost:5000/lolcow:1.0 : effacez-la (rm lolcow.sif), puis téléchargez celle-ci." \
	"lolcow.sif is an image indeed, but it comes from \"${from:-elsewhere}\" and not from localhost:5000/lolcow:1.0: delete it (rm lolcow.sif), then download that one." hint 2
