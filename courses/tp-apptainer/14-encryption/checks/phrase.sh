#!/bin/sh
. /opt/etabli/check.sh

is_sif locked.sif || fail 'L’image `locked.sif` n’est pas encore construite.' 'The image `locked.sif` is not built yet.' hint 1
matches "$(sif_descriptors locked.sif)" 'Gocryptfs|Encrypted' || fail '`locked.sif` n’est pas chiffrée : reconstruisez-la avec `--encrypt`.' '`locked.sif` is not encrypted: build it again with `--encrypt`.' hint 2
ran "$(apptainer_call '(run|exec)').*locked\.sif|\./locked\.sif" || fail 'Elle est chiffrée. Ouvrez-la maintenant avec la phrase : `apptainer run locked.sif`.' 'It is encrypted. Now open it with the passphrase: `apptainer run locked.sif`.' hint 1
pass
