#!/bin/sh
. /opt/etabli/check.sh

file_contains public.pem 'BEGIN RSA PUBLIC KEY' || fail '`public.pem` n’est pas (encore) une clé publique au format attendu.' '`public.pem` is not (yet) a public key in the format that is wanted.' hint 1
file_contains secret.pem 'BEGIN RSA PRIVATE KEY' || fail '`secret.pem` n’est pas (encore) une clé secrète au format attendu.' '`secret.pem` is not (yet) a secret key in the format that is wanted.' hint 1
is_sif pair.sif || fail 'L’image `pair.sif` n’est pas encore construite.' 'The image `pair.sif` is not built yet.' hint 2
matches "$(sif_descriptors pair.sif)" 'Cryptographic Message' || fail '`pair.sif` n’est pas chiffrée par une clé publique : reconstruisez-la avec `--pem-path public.pem`.' '`pair.sif` is not encrypted by a public key: build it again with `--pem-path public.pem`.' hint 2
timeout 8 apptainer exec --pem-path secret.pem pair.sif true </dev/null >/dev/null 2>&1 || fail '`secret.pem` n’ouvre pas `pair.sif` : elle a été chiffrée pour une autre clé. Reconstruisez-la avec votre `public.pem`.' '`secret.pem` does not open `pair.sif`: it was encrypted for another key. Build it again with your `public.pem`.' hint 2
pass
