#!/bin/sh
# origin.def is the definition kept in lolcow.sif.
. /opt/etabli/check.sh

file_exists origin.def || fail \
	"Il n'y a pas encore de fichier origin.def : il doit recevoir la définition que lolcow.sif garde en lui." \
	"There is no file origin.def yet: it is to receive the definition that lolcow.sif keeps inside." hint 1
[ -s origin.def ] || fail \
	"origin.def est vide : la commande a dû échouer. Lancez-la d'abord sans « > origin.def »." \
	"origin.def is empty: the command must have failed. Run it first without \"> origin.def\"." hint 2
file_contains origin.def '^[Ff]rom: *localhost:5000/lolcow:1\.0' && pass
file_contains origin.def '^(Usage:|Options:|Error)|unknown flag' && fail \
	"origin.def contient un mode d'emploi : la commande n'a pas été comprise. Vérifiez l'orthographe de l'option." \
	"origin.def holds a usage message: the command was not understood. Check how the option is spelt." hint 2
file_contains origin.def 'org\.label-schema' && fail \
	"origin.def contient les étiquettes (labels) de l'image, ce qu'inspect montre sans option, et non sa définition." \
	"origin.def holds the image's labels, which is what inspect shows with no option, and not its definition." hint 2
file_contains origin.def 'OCI_ENTRYPOINT' && fail \
	"origin.def contient le runscript de l'image, et non sa définition : c'est une autre option." \
	"origin.def holds the image's runscript, and not its definition: that is another option." hint 2
fail \
	"origin.def n'est pas la définition de lolcow.sif : on n'y trouve pas d'où vient l'image (From: …)." \
	"origin.def is not the definition of lolcow.sif: it does not say where the image comes from (From: …)." hint 2
