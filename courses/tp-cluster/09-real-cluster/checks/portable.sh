#!/bin/bash
. /opt/etabli/check.sh

file_exists portable.sh || fail 'Il n’y a pas encore de fichier `portable.sh`.' 'There is no file `portable.sh` yet.' hint 1
! file_contains portable.sh '^#SBATCH.*(--partition|--account|-[pA] )' || fail \
	'`portable.sh` nomme une partition ou un compte : un autre cluster ne les aura pas.' \
	'`portable.sh` names a partition or an account: another cluster will not have them.' hint 1
! file_contains portable.sh '/home/|~/|\$HOME' || fail \
	'`portable.sh` contient un chemin qui n’existe qu’ici : le travail commence dans le dossier d’où il est soumis.' \
	'`portable.sh` has a path that exists here only: the job begins in the folder from which it is submitted.' hint 1
job '^portable$' state COMPLETED || fail \
	'Ici même, le travail « portable » n’a pas encore réussi : soumettez-le.' \
	'Here, the job "portable" has not succeeded yet: submit it.' hint 1

# Two other places: one where Apptainer comes as a module, by its old name; one that has none.
place=$(mktemp -d /tmp/portable.XXXXXX)
mkdir "$place/bin" "$place/module" "$place/home" "$place/tmp"
ln -s /usr/bin/* "$place/bin/"
rm -f "$place/bin/apptainer" "$place/bin/singularity"
ln -s /usr/bin/apptainer "$place/module/singularity"
ln -s "$PWD/busybox.sif" "$place/home/"
cp portable.sh "$place/home/"
cd "$place/home"
export PATH="$place/bin" TMPDIR="$place/tmp" OTHER="$place/module"
none=0
timeout 4 bash portable.sh </dev/null >/dev/null 2>&1 || none=$?
module() { [ "$1" = load ] && [ "$2" = singularity ] && PATH=$OTHER:$PATH; }
export -f module
timeout 5 bash portable.sh </dev/null >/dev/null 2>&1 || :
found=$(cat result.txt 2>/dev/null) || found=
left=$(ls "$place/tmp")
cd /
PATH=/usr/bin
rm -rf "$place"
[ $none = 3 ] || fail \
	"Là où il n’y a ni Apptainer ni module, le script finit avec le code $none : il devrait s’arrêter avec 3." \
	"Where there is neither Apptainer nor a module, the script ends with the code $none: it should stop with 3." hint 2
[ "$found" = 'Busybox 1.0' ] || fail \
	'Là où Apptainer est un module nommé `singularity`, le script n’a pas écrit `Busybox 1.0` dans `result.txt`.' \
	'Where Apptainer is a module called `singularity`, the script did not write `Busybox 1.0` into `result.txt`.' hint 2
[ -z "$left" ] || fail \
	'Le script laisse un dossier temporaire derrière lui : effacez-le à la fin (`trap … EXIT`).' \
	'The script leaves a temporary folder behind: remove it at the end (`trap … EXIT`).' hint 2
pass
