#!/bin/sh
rm -f new.pem secret.pem public.pem pair.sif
