#!/bin/sh
# scratch/ is a cache that holds something, and the one in the home folder has been emptied.
. /opt/etabli/check.sh

is_sif busybox.sif || fail 'L’image `busybox.sif` n’est pas encore là : tirez-la, avec `APPTAINER_CACHEDIR=$PWD/scratch` devant la commande.' 'The image `busybox.sif` is not there yet: pull it, with `APPTAINER_CACHEDIR=$PWD/scratch` before the command.' hint 1
[ -n "$(find scratch -path '*oci-tmp/?*' -print -quit 2>/dev/null)" ] || fail \
	'Le dossier `scratch` n’est pas (encore) un cache où une image a été convertie : tirez `busybox.sif` avec `--force` et `APPTAINER_CACHEDIR=$PWD/scratch`.' 'The folder `scratch` is not (yet) a cache in which an image was converted: pull `busybox.sif` with `--force` and `APPTAINER_CACHEDIR=$PWD/scratch`.' hint 2
[ -z "$(find "$HOME/.apptainer/cache" -path '*oci-tmp/?*' -print -quit 2>/dev/null)" ] || fail \
	'`scratch` sert de cache. Reste à vider celui de votre dossier personnel : `apptainer cache clean --force`, sans la variable.' '`scratch` serves as a cache. What remains is to empty that of your home folder: `apptainer cache clean --force`, without the variable.' hint 1
pass
