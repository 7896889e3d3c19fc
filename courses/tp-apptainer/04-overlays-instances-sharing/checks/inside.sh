#!/bin/bash
. /opt/etabli/check.sh

if ! [ -s processes.txt ]; then
	instance_running cow || fail \
		'`processes.txt` manque, et l’instance `cow` ne tourne pas : redémarrez-la comme à l’étape précédente.' \
		'`processes.txt` is missing, and the instance `cow` does not run: start it again as in the step before.' hint 1
	fail '`processes.txt` n’existe pas encore : écrivez-y les processus que voit l’instance `cow`.' \
		'`processes.txt` does not exist yet: write to it the processes that the instance `cow` sees.' hint 1
fi
first=$(awk '$1 == 1 { $1 = $2 = ""; print; exit }' processes.txt)
case $first in
*appinit*) ;;
*) fail \
	'`processes.txt` montre les processus de l’établi, pas ceux de l’instance : l’image se nomme `instance://cow`, non `web.sif`.' \
	'`processes.txt` shows the processes of the workbench, not of the instance: the image is to be named `instance://cow`, not `web.sif`.' hint 2 ;;
esac
file_contains processes.txt 'httpd' || fail \
	'`processes.txt` vient d’une instance où aucun serveur web ne tourne : démarrez `cow` depuis `web.sif`.' \
	'`processes.txt` comes from an instance where no web server runs: start `cow` from `web.sif`.' hint 2
instance_running cow && fail \
	'`processes.txt` est bon. Il reste à arrêter l’instance `cow`, qui tourne encore.' \
	'`processes.txt` is right. What remains is to stop the instance `cow`, which still runs.' hint 3
pass
