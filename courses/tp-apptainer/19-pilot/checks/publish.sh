#!/bin/bash
. /opt/etabli/check.sh

is_sif heat.sif || fail 'Il n’y a pas d’image `heat.sif` : reprenez l’étape « L’image ».' 'There is no image `heat.sif`: take up the step "The image" again.' hint 1
sif_signed heat.sif || fail '`heat.sif` n’est pas encore signée : `apptainer sign heat.sif`, avant de la pousser.' '`heat.sif` is not signed yet: `apptainer sign heat.sif`, before you push it.' hint 1
registry_has "$LEARNER/heat:1.0" || fail "Le registre n’a pas encore \`$LEARNER/heat:1.0\` : poussez-y \`heat.sif\`." "The registry does not have \`$LEARNER/heat:1.0\` yet: push \`heat.sif\` there." hint 1
address=$(tr -d '[:space:]' 2>/dev/null < address.txt) || address=
matches "$address" "^oras://localhost:5000/$LEARNER/heat@sha256:[0-9a-f]{64}\$" || fail \
	"\`address.txt\` doit contenir l’adresse exacte, par l’empreinte et non par la version : \`oras://localhost:5000/$LEARNER/heat@sha256:…\`." "\`address.txt\` has to hold the exact address, by the digest and not by the version: \`oras://localhost:5000/$LEARNER/heat@sha256:…\`." hint 2
layer=$(curl -s --noproxy '*' --max-time 3 -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://localhost:5000/v2/$LEARNER/heat/manifests/${address##*@}" | jq -r '.layers[0].digest // empty') || broken "manifest of $address"
[ "$layer" = "sha256:$(sha256sum heat.sif | cut -d ' ' -f 1)" ] || fail \
	'L’adresse ne désigne pas votre `heat.sif` actuelle : poussez-la de nouveau, et notez l’empreinte ensuite.' 'The address does not mean your present `heat.sif`: push it again, and note the digest afterwards.' hint 1
pass
