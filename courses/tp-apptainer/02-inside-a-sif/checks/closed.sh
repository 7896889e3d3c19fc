#!/bin/sh
# hottest.txt: the warmest station, found by a container that sees nothing but data/.
. /opt/etabli/check.sh

file_exists hottest.txt || fail \
	"Il n'y a pas encore de fichier hottest.txt : la ligne de la station la plus chaude." \
	"There is no file hottest.txt yet: the line of the warmest station." hint 1
[ -s hottest.txt ] || fail \
	"hottest.txt est vide : la commande n'a rien trouvé. Isolé, le conteneur ne voit que ce que --bind lui montre." \
	"hottest.txt is empty: the command found nothing. Isolated, the container sees only what --bind shows it." hint 2
file_contains hottest.txt '^station' && fail \
	"hottest.txt contient la ligne de titre : le tri s'est fait par ordre alphabétique, et non sur les nombres de la deuxième colonne." \
	"hottest.txt holds the title line: the sort was alphabetical, and not by the numbers of the second column." hint 1
{ file_contains hottest.txt '^Nice,19\.0$' && [ "$(wc -l < hottest.txt)" -eq 1 ]; } || fail \
	"hottest.txt devrait contenir une seule ligne, celle de la station la plus chaude ; il commence par « $(head -n 1 hottest.txt | cut -c1-40) »." \
	"hottest.txt should hold one line only, that of the warmest station; it begins with \"$(head -n 1 hottest.txt | cut -c1-40)\"." hint 1
wrote='(>|tee) *[^ ]*hottest\.txt'
last_matches "$wrote" ' (--containall|-C) .*lolcow' || fail \
	"La réponse est juste, mais le conteneur voyait encore tout l'établi : isolez-le complètement." \
	"The answer is right, but the container still saw the whole workbench: isolate it completely." hint 2
last_matches "$wrote" '(--bind|-B|--mount).*data.*(:ro|,ro|readonly)' || fail \
	"La réponse est juste et le conteneur était isolé, mais il n’a pas reçu data en lecture seule." \
	"The answer is right and the container was isolated, but it was not given data read-only." hint 2
pass
