#!/bin/sh
. /opt/etabli/check.sh

is_sif stations.sif || fail 'L’image `stations.sif` n’est pas construite : reprenez la première étape.' 'The image `stations.sif` is not built: take up the first step again.'
sif_built_from stations.sif stations.def || fail '`stations.def` a changé depuis la construction : reconstruisez avec `--force`.' '`stations.def` has changed since the build: build again with `--force`.' hint 2
for app in clean mean; do
	timeout 5 apptainer test --app $app stations.sif </dev/null >/dev/null 2>&1 || fail "Le test de l’application \`$app\` échoue encore : lancez-le par \`apptainer test --app $app stations.sif\`, et corrigez \`stations.def\`." "The test of the application \`$app\` still fails: run it by \`apptainer test --app $app stations.sif\`, and correct \`stations.def\`." hint 1
	# Only a test that notices is one: its program is taken away.
	timeout 5 apptainer test --app $app --bind /dev/null:/scif/apps/$app/bin/$app stations.sif </dev/null >/dev/null 2>&1 && fail \
		"Le test de \`$app\` réussit même quand on lui enlève son programme : il doit comparer ce qu’il calcule, et commencer par \`set -e\`." \
		"The test of \`$app\` goes well even when its program is taken away: it has to compare what is computed, and to begin with \`set -e\`." hint 1
done
# What was written before the last build tells of another image.
[ -s tested.txt ] && ! [ stations.sif -nt tested.txt ] || fail 'Les deux tests de cette image passent : gardez-en maintenant la trace dans `tested.txt`.' 'Both tests of this image pass: now keep a trace of it in `tested.txt`.' hint 2
pass
