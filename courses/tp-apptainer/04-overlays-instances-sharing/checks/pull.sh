#!/bin/bash
. /opt/etabli/check.sh

file_exists copy.sif || fail '`copy.sif` n’existe pas encore : tirez votre image du registre sous ce nom.' \
	'`copy.sif` does not exist yet: pull your image from the registry under this name.' hint 1
is_sif copy.sif || fail '`copy.sif` existe, mais n’est pas une image SIF.' '`copy.sif` exists, but is not a SIF image.' hint 1
same_content copy.sif lolcow.sif || fail \
	'`copy.sif` n’est pas identique à `lolcow.sif` : est-ce bien `$LEARNER/lolcow:1.0` que vous avez tirée (et non l’image du cours) ?' \
	'`copy.sif` is not identical to `lolcow.sif`: is it really `$LEARNER/lolcow:1.0` that you pulled (and not the image of the course)?' hint 2
ran 'apptainer +pull .*oras://localhost:5000/' && pass
fail '`copy.sif` est une copie de fichier : elle n’est pas passée par le registre. Effacez-la et utilisez `apptainer pull`.' \
	'`copy.sif` is a copy of a file: it has not gone through the registry. Remove it and use `apptainer pull`.' hint 1
