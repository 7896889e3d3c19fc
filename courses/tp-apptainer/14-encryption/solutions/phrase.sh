#!/bin/bash
export APPTAINER_ENCRYPTION_PASSPHRASE='une vache, deux vaches'
apptainer build --force --encrypt locked.sif secret.def
apptainer run locked.sif
unset APPTAINER_ENCRYPTION_PASSPHRASE
