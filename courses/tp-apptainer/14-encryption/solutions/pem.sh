#!/bin/bash
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out new.pem
openssl rsa -in new.pem -traditional -out secret.pem
openssl rsa -in new.pem -RSAPublicKey_out -out public.pem
chmod 600 secret.pem && rm new.pem
apptainer build --force --pem-path public.pem pair.sif secret.def
apptainer run --pem-path secret.pem pair.sif
