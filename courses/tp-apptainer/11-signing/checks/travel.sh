#!/bin/sh
. /opt/etabli/check.sh

registry_has "$LEARNER/signed:1.0" || fail "Le registre n’a pas encore d’image \`$LEARNER/signed:1.0\` : poussez-y \`signed.sif\`." "The registry has no image \`$LEARNER/signed:1.0\` yet: push \`signed.sif\` there." hint 1
is_sif received.sif || fail 'L’image `received.sif` n’est pas encore là : tirez sous ce nom l’image que vous avez poussée.' 'The image `received.sif` is not there yet: pull under this name the image that you pushed.' hint 1
sif_signed received.sif || fail '`received.sif` ne porte pas de signature : c’est `signed.sif` qu’il fallait pousser.' '`received.sif` carries no signature: it is `signed.sif` that was to be pushed.' hint 1
is_sif rebuilt.sif || fail 'L’image `rebuilt.sif` n’est pas encore construite : `apptainer build rebuilt.sif signed.sif`.' 'The image `rebuilt.sif` is not built yet: `apptainer build rebuilt.sif signed.sif`.' hint 2
sif_signed rebuilt.sif && fail '`rebuilt.sif` porte une signature : c’est une copie, et non une image reconstruite. Refaites-la avec `apptainer build --force`.' '`rebuilt.sif` carries a signature: it is a copy, not an image that was built again. Make it again with `apptainer build --force`.' hint 2
pass
