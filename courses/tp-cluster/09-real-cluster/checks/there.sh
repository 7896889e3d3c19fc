#!/bin/bash
. /opt/etabli/check.sh

file_exists there.sh || fail 'Il n’y a pas encore de fichier `there.sh`.' 'There is no file `there.sh` yet.' hint 1

# Variables of the cluster, such as $SCRATCH, are not set here: each is its own name, so that it can be compared.
own=()
for name in $(grep -oE '[$][{]?[A-Z][A-Z0-9_]*' there.sh | tr -d '${' | sort -u); do
	case $name in SBATCH_* | APPTAINER_* | PATH | IFS | BASH_ENV) ;; *) own+=("$name=\$$name") ;; esac
done
ended=0
said=$(env -i PATH=/usr/bin "${own[@]}" timeout 4 bash -c '
	module() { case $1 in load | add) shift && loaded="$loaded $*" ;; esac; }
	# How its last command ended says nothing: a file to be read may end in a question.
	bash -n ./there.sh || exit 3
	. ./there.sh >/dev/null 2>&1
	printf "%s\n" "partition $SBATCH_PARTITION" "account $SBATCH_ACCOUNT" "module${loaded:- }" "bind $APPTAINER_BIND" "cache $APPTAINER_CACHEDIR"
' </dev/null 2>/dev/null) || ended=$?
[ $ended = 0 ] || fail \
	'`there.sh` ne se charge pas sans erreur : relisez-le, ou remettez-le en place.' \
	'`there.sh` cannot be loaded without a fault: read it again, or put it in place once more.' hint 1
of() { printf '%s\n' "$said" | sed -n "s/^$1 //p"; }

cluster_says partition "$(of partition)" || fail \
	"\`there.sh\` ne pose pas \`SBATCH_PARTITION\` comme il le faut pour votre cluster ; il y a : « $(of partition) »." \
	"\`there.sh\` does not set \`SBATCH_PARTITION\` as your cluster needs it; there is: \"$(of partition)\"." hint 2
cluster_says account "$(of account)" || fail \
	"\`there.sh\` ne pose pas \`SBATCH_ACCOUNT\` comme il le faut pour votre cluster ; il y a : « $(of account) »." \
	"\`there.sh\` does not set \`SBATCH_ACCOUNT\` as your cluster needs it; there is: \"$(of account)\"." hint 2
cluster_says container_module "$(of module)" || fail \
	"\`there.sh\` ne charge pas le module d’Apptainer par \`module load\` ; il charge : « $(of module) »." \
	"\`there.sh\` does not load Apptainer's module by \`module load\`; it loads: \"$(of module)\"." hint 2
cluster_says container_bind "$(of bind)" || fail \
	"\`APPTAINER_BIND\` n’a pas les dossiers de votre cluster ; il y a : « $(of bind) »." \
	"\`APPTAINER_BIND\` does not have the folders of your cluster; there is: \"$(of bind)\"." hint 2
cache=$(of cache)
case $cache in */*) ;; *) cache= ;; esac
cluster_says scratch "${cache%/*}" || fail \
	"\`APPTAINER_CACHEDIR\` n’est pas un dossier de l’espace des données passagères ; il y a : « $(of cache) »." \
	"\`APPTAINER_CACHEDIR\` is no folder of the space for passing data; there is: \"$(of cache)\"." hint 2
file_contains there.txt '^SBATCH_PARTITION=' || fail \
	'`there.sh` est prêt. Lancez le second bloc : il montre ce que le fichier poserait.' \
	'`there.sh` is ready. Run the second block: it shows what the file would set.' hint 1
pass
