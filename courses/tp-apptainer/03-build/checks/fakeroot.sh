#!/bin/bash
. /opt/etabli/check.sh

file_exists who.def || fail 'Il n’y a pas encore de recette `who.def` : écrivez-la, comme dans le bloc.' 'There is no recipe `who.def` yet: write it, as in the block.' hint 1
if ! is_sif who.sif; then
	ran_failed "$(apptainer_call build).*who[.]sif" && fail \
		'`who.sif` n’existe pas : sa construction a échoué. Lisez ce qui précède la ligne `FATAL`.' \
		'`who.sif` does not exist: its build failed. Read what stands before the `FATAL` line.' hint 2
	fail '`who.def` est écrite, mais l’image `who.sif` n’est pas encore construite : `apptainer build who.sif who.def`.' '`who.def` is written, but the image `who.sif` is not built yet: `apptainer build who.sif who.def`.' hint 2
fi
sif_built_from who.sif who.def || fail \
	'`who.sif` existe, mais n’a pas été construite depuis `who.def` tel qu’il est maintenant : reconstruisez avec `--force`.' \
	'`who.sif` exists, but it was not built from `who.def` as it is now: build again with `--force`.' hint 2
report=$(timeout 5 apptainer exec who.sif /bin/cat /etc/report </dev/null 2>/dev/null) || fail \
	'`who.sif` est construite, mais ne contient pas de fichier `/etc/report` : c’est `%post` qui doit l’écrire.' \
	'`who.sif` is built, but holds no file `/etc/report`: it is for `%post` to write it.' hint 1
printf '%s\n' "$report" | grep -Eq '^(root|0)$|^uid=0' || fail \
	'`/etc/report` ne dit pas qui `%post` croit être : il y manque la réponse de `id -un`.' \
	'`/etc/report` does not say who `%post` believes to be: the answer of `id -un` is missing.' hint 1
printf '%s\n' "$report" | grep -Eq '^[-a-z]+[.+]? +[0-9]+ +(www-data|33) .*/srv/page' || fail \
	'`/etc/report` ne montre pas `/srv/page` appartenant à `www-data` : dans `%post`, faites `chown` avant `ls -l`.' \
	'`/etc/report` does not show `/srv/page` belonging to `www-data`: in `%post`, do `chown` before `ls -l`.' hint 1
printf '%s\n' "$report" | grep -Eq '^ *0 +[0-9]+ +[0-9]+$' || fail \
	'`/etc/report` ne contient pas la table des identités (`/proc/self/uid_map`) de la construction.' \
	'`/etc/report` does not hold the build’s map of identities (`/proc/self/uid_map`).' hint 1
pass
