#!/bin/bash
. /opt/etabli/check.sh

is_sif web.sif || fail \
	'L’image `web.sif` n’est pas encore construite : `apptainer build web.sif web.def`.' 'The image `web.sif` is not built yet: `apptainer build web.sif web.def`.' hint 1
file_exists www/index.html || fail \
	'Il n’y a pas encore de page `www/index.html` à servir : `mkdir -p www`, puis `echo … > www/index.html`.' 'There is no page `www/index.html` to serve yet: `mkdir -p www`, then `echo … > www/index.html`.' hint 1
if ! instance_running cow; then
	others=$(apptainer instance list --json 2>/dev/null | jq -r '[.instances[]?.instance] | join(", ")')
	[ -n "$others" ] && fail \
		"Une instance tourne, mais elle s’appelle « $others » : il en faut une du nom de \`cow\`." \
		"An instance runs, but its name is \"$others\": one named \`cow\` is needed." hint 2
	last_matches "$(apptainer_call '(run|exec|instance start)').*web[.]sif" "$(apptainer_call run)" && fail \
		'Aucune instance ne tourne : `run` exécute `%runscript` et s’arrête, c’est `instance start` qui lance `%startscript`.' \
		'No instance runs: `run` plays `%runscript` and ends, it is `instance start` that starts `%startscript`.' hint 2
	fail 'Aucune instance ne tourne : démarrez `web.sif` sous le nom `cow`.' 'No instance runs: start `web.sif` under the name `cow`.' hint 2
fi
image=$(apptainer instance list --json | jq -r '.instances[] | select(.instance == "cow") | .img')
[ "${image##*/}" = web.sif ] || fail \
	"L’instance \`cow\` vient de \`${image##*/}\`, qui ne sert pas de pages : arrêtez-la et démarrez \`web.sif\`." \
	"The instance \`cow\` comes from \`${image##*/}\`, which serves no pages: stop it and start \`web.sif\`." hint 2
for attempt in 1 2 3 4; do
	page=$(curl -s --noproxy '*' --max-time 1 http://127.0.0.1:8080/) && break
	page=
	[ $attempt = 4 ] || sleep 0.2 # the server may have been started this very moment
done
[ -n "$page" ] || fail \
	'L’instance `cow` tourne, mais personne ne répond sur le port 8080 : lisez son journal d’erreurs (`apptainer instance list --logs`).' \
	'The instance `cow` runs, but nobody answers on port 8080: read its log of errors (`apptainer instance list --logs`).' hint 3
[ "$page" = "$(cat www/index.html)" ] && pass
case $page in
*'comes from the image'*) fail \
	'`cow` sert la page de l’image, pas la vôtre : arrêtez-la et redémarrez-la avec `--bind www:/srv/www`.' \
	'`cow` serves the page of the image, not yours: stop it and start it again with `--bind www:/srv/www`.' hint 2 ;;
esac
fail 'La page servie n’est pas `www/index.html` : quel dossier avez-vous monté sur `/srv/www` ?' \
	'The page served is not `www/index.html`: which folder did you mount at `/srv/www`?' hint 2
