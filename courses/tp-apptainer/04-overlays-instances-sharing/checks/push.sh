#!/bin/bash
. /opt/etabli/check.sh

is_sif lolcow.sif || fail \
	'Il n’y a plus d’image `lolcow.sif` à pousser : `apptainer build lolcow.sif lolcow.def` la refait.' \
	'There is no image `lolcow.sif` to push any more: `apptainer build lolcow.sif lolcow.def` makes it again.' hint 1
name=$LEARNER/lolcow
if ! registry_has "$name:1.0"; then
	tags=$(curl -s --noproxy '*' --max-time 3 "http://localhost:5000/v2/$name/tags/list" | jq -r '.tags // [] | join(", ")') || tags=
	[ -n "$tags" ] && fail \
		"Le registre a bien \`$name\`, mais sous l’étiquette « $tags » : il faut l’étiquette \`1.0\`, après deux-points." \
		"The registry does have \`$name\`, but under the tag \"$tags\": the tag should be \`1.0\`, after a colon." hint 2
	push=$(apptainer_call push)
	last_matches "$push" 'oras://localhost:5000/(lolcow|web|busybox|debian-mini)' && fail \
		'Rien n’est arrivé sous votre nom : `localhost:5000/lolcow` est au cours. Votre place commence par `$LEARNER/`.' \
		'Nothing has arrived under your name: `localhost:5000/lolcow` is the course’s. Your place begins with `$LEARNER/`.' hint 2
	last_matches "$push" ' (docker://|localhost|http)' && fail \
		'Rien n’est arrivé : un fichier SIF se pousse vers une adresse qui commence par `oras://`.' \
		'Nothing has arrived: a SIF file is pushed to an address that begins with `oras://`.' hint 2
	fail "Le registre n’a pas encore d’image \`$name:1.0\` : poussez-y \`lolcow.sif\`." "The registry has no image \`$name:1.0\` yet: push \`lolcow.sif\` there." hint 1
fi
remote=$(curl -s --noproxy '*' --max-time 3 -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://localhost:5000/v2/$name/manifests/1.0" |
	jq -r '.layers[0].digest // empty') || broken "manifest of $name:1.0"
[ "$remote" = "sha256:$(sha256sum lolcow.sif | cut -d ' ' -f 1)" ] && pass
fail "\`$name:1.0\` existe, mais ce n’est pas votre \`lolcow.sif\` actuel : une autre image a été poussée, ou vous avez reconstruit depuis." \
	"\`$name:1.0\` exists, but it is not your present \`lolcow.sif\`: another image was pushed, or you have built again since." hint 3
