#!/bin/sh
. /opt/etabli/check.sh

file_contains ada.asc 'PRIVATE KEY' && fail '`ada.asc` contient la clé secrète : effacez ce fichier, et exportez la clé publique (sans `--secret`).' '`ada.asc` holds the secret key: delete that file, and export the public key (without `--secret`).' hint 2
file_contains ada.asc 'BEGIN PGP PUBLIC KEY BLOCK' || fail 'Il n’y a pas encore de clé publique dans `ada.asc` : `apptainer key export` l’y écrit.' 'There is no public key in `ada.asc` yet: `apptainer key export` writes it there.' hint 1
is_sif signed.sif || fail 'Il n’y a plus d’image `signed.sif` : reprenez l’étape « Signer ».' 'There is no image `signed.sif` any more: take up the step "Sign" again.'
export APPTAINER_KEYSDIR=$PWD/bob
sif_verified signed.sif || fail 'Avec le trousseau de Bob, `signed.sif` ne se vérifie pas encore : il lui manque la clé d’Ada. Importez `ada.asc` avec `APPTAINER_KEYSDIR=$PWD/bob`.' 'With Bob’s keyring `signed.sif` cannot be verified yet: he lacks Ada’s key. Import `ada.asc` with `APPTAINER_KEYSDIR=$PWD/bob`.' hint 1
pass
