#!/bin/bash
. /opt/etabli/check.sh

name=$LEARNER/lolcow
layer() { # tag or digest → digest of the SIF file that it means now
	curl -s --noproxy '*' --max-time 3 -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://localhost:5000/v2/$name/manifests/$1" |
		jq -r '.layers[0].digest // empty' || broken "manifest of $name $1"
}
is_sif lolcow.sif || fail \
	'Il n’y a plus d’image `lolcow.sif` : `apptainer build lolcow.sif lolcow.def` la refait, puis poussez-la.' \
	'There is no image `lolcow.sif` any more: `apptainer build lolcow.sif lolcow.def` makes it again, then push it.' hint 1
ours=sha256:$(sha256sum lolcow.sif | cut -d ' ' -f 1)

[ -s digest.txt ] || fail \
	'`digest.txt` n’existe pas encore (ou est vide) : notez-y l’empreinte de votre image.' \
	'`digest.txt` does not exist yet (or is empty): note the digest of your image in it.' hint 1
digest=$(tr -d '[:space:]' < digest.txt)
printf '%s' "$digest" | grep -Eq '^sha256:[0-9a-f]{64}$' || fail \
	'`digest.txt` doit contenir une seule empreinte, de la forme `sha256:` suivie de 64 chiffres et lettres.' \
	'`digest.txt` must hold one digest only, of the form `sha256:` followed by 64 digits and letters.' hint 1
[ "$digest" = "$ours" ] && fail \
	'`digest.txt` contient l’empreinte du fichier (`sha256sum`) ; le registre désigne l’image par l’empreinte de son manifeste.' \
	'`digest.txt` holds the digest of the file (`sha256sum`); the registry names the image by the digest of its manifest.' hint 1
[ "$(layer "$digest")" = "$ours" ] || fail \
	'L’empreinte de `digest.txt` n’est pas celle de `lolcow.sif` dans le registre : notez-la avant de déplacer l’étiquette.' \
	'The digest in `digest.txt` is not that of `lolcow.sif` in the registry: note it before you move the tag.' hint 1
latest=$(layer latest)
[ -n "$latest" ] || fail "L’étiquette \`$name:latest\` n’existe pas encore." "The tag \`$name:latest\` does not exist yet." hint 2
[ "$latest" != "$ours" ] || fail \
	'L’étiquette `latest` désigne toujours `lolcow.sif` : déplacez-la en poussant `web.sif` sous le même nom.' \
	'The tag `latest` still means `lolcow.sif`: move it by pushing `web.sif` under the same name.' hint 2
is_sif exact.sif || fail \
	'L’étiquette a bougé. Il reste à tirer, par son empreinte, l’image d’origine sous le nom `exact.sif`.' \
	'The tag has moved. What remains is to pull the original image, by its digest, under the name `exact.sif`.' hint 3
same_content exact.sif lolcow.sif && pass
fail '`exact.sif` n’est pas l’image d’origine : elle a été tirée par l’étiquette, qui a bougé, et non par `@sha256:…`.' \
	'`exact.sif` is not the original image: it was pulled by the tag, which has moved, and not by `@sha256:…`.' hint 3
