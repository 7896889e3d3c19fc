#!/bin/sh
# Encryption wants PKCS1 keys; what openssl genpkey writes today (PKCS8) is refused.
# expected: Invalid encryption public key
. "$(dirname "$0")/apptainer.inc"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out new.pem
openssl pkey -in new.pem -pubout -out public.pem
apptainer -q build --pem-path public.pem x.sif root || true
