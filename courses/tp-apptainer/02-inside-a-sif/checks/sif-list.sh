#!/bin/sh
# root.squashfs is the file system taken out of lolcow.sif.
. /opt/etabli/check.sh

file_exists root.squashfs || fail \
	"Il n'y a pas encore de fichier root.squashfs : extrayez la partition (FS) de lolcow.sif." \
	"There is no file root.squashfs yet: take the partition (FS) out of lolcow.sif." hint 1
[ -s root.squashfs ] || fail \
	"root.squashfs est vide : sif dump a échoué. Le numéro donné est-il bien l'un de ceux d'apptainer sif list ?" \
	"root.squashfs is empty: sif dump failed. Is the number that you gave one of those of apptainer sif list?" hint 2
case $(head -c 4 root.squashfs | tr -d '\0') in
	hsqs) ;;
	'#!/u') fail \
		"root.squashfs est une image SIF entière, et non sa seule partition : il faut l'extraire, pas copier le fichier." \
		"root.squashfs is a whole SIF image, not its partition alone: it has to be taken out, not copied." hint 1 ;;
	Usag | Erro) fail \
		"root.squashfs contient un message d'erreur : sif dump n'a pas trouvé d'objet de ce numéro." \
		"root.squashfs holds an error message: sif dump found no object of that number." hint 2 ;;
	*) fail \
		"root.squashfs n'est pas un système de fichiers : vous avez extrait un autre des objets que montre sif list." \
		"root.squashfs is not a file system: you took out another of the objects that sif list shows." hint 2 ;;
esac
unsquashfs -cat root.squashfs etc/os-release 2>/dev/null | grep -q '^ID=lolcow' || fail \
	"root.squashfs est bien un système de fichiers, mais pas (ou pas en entier) celui de lolcow.sif." \
	"root.squashfs is a file system indeed, but not that of lolcow.sif, or not all of it." hint 2
pass
