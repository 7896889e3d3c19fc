#!/bin/sh
# mean.txt: the mean of the stations, computed in a container to which data/ was shown at /data, read-only.
. /opt/etabli/check.sh

[ -s data/temperatures.csv ] || fail \
	"Le fichier data/temperatures.csv a disparu : réinitialisez l'étape pour le retrouver." \
	"The file data/temperatures.csv has vanished: reset the step to get it back."
file_exists mean.txt || fail \
	"Il n'y a pas encore de fichier mean.txt : la moyenne, calculée dans le conteneur à partir de /data/temperatures.csv." \
	"There is no file mean.txt yet: the mean, computed in the container from /data/temperatures.csv." hint 1
[ -s mean.txt ] || fail \
	"mean.txt est vide : la commande a échoué. Lancez-la d'abord sans « > mean.txt », et lisez ce qu'elle dit." \
	"mean.txt is empty: the command failed. Run it first without \"> mean.txt\", and read what it says." hint 1
found=$(tr -d '[:space:]' < mean.txt | cut -c1-40)
case $found in
	13 | 13.0 | 13.00 | 13,0) ;;
	12.8 | 12,8) fail \
		"mean.txt contient $found : c'est l'awk de l'établi qui a compté. En français, il attend des virgules décimales et ignore ce qui suit le point. Employez celui du conteneur." \
		"mean.txt holds $found: the workbench's awk has counted. In French it expects decimal commas and ignores what follows the point. Use the container's." hint 1 ;;
	10.8* | 10,6* | 10.6* | 10,8*) fail \
		"mean.txt contient $found : la ligne de titre a été comptée comme une sixième station (NR > 1 la saute)." \
		"mean.txt holds $found: the title line was counted as a sixth station (NR > 1 skips it)." hint 2 ;;
	*) fail \
		"mean.txt contient « $found », ce n'est pas la moyenne des cinq stations." \
		"mean.txt holds \"$found\", which is not the mean of the five stations." hint 2 ;;
esac
# The command that wrote the mean, or a variable that was exported before it.
bind='(--bind|-B|--mount|APPTAINER_BIND|APPTAINER_BINDPATH|SINGULARITY_BIND)'
wrote='> *[^ ]*mean\.txt'
exported() {
	last_matches '(export|unset) +(APPTAINER|SINGULARITY)_BIND' "=.*$1" && ran_after "export +(APPTAINER|SINGULARITY)_BIND.*=.*$1" "apptainer .*$wrote"
}
last_matches "$wrote" "$bind.*data" || exported data || fail \
	"La moyenne est juste, mais le conteneur n'a pas reçu le dossier data sous le nom /data : c'est l'option --bind." \
	"The mean is right, but the container was not shown the folder data as /data: that is the option --bind." hint 1
last_matches "$wrote" "$bind.*(:ro|,ro|readonly)" || exported 'data.*:ro' || fail \
	"La moyenne est juste, mais le conteneur aurait pu abîmer les données : montez-les en lecture seule." \
	"The mean is right, but the container could have damaged the data: mount them read-only." hint 2
pass
