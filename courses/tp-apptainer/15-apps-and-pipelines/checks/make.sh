#!/bin/bash
# Played in a copy, so that nothing of the learner's is touched: all made; then what is new is left alone; then a fault stops it.
. /opt/etabli/check.sh

[ -x pipeline.sh ] || fail 'Il n’y a pas encore de script `pipeline.sh` exécutable.' 'There is no executable script `pipeline.sh` yet.' hint 1
[ -s out/brest.txt ] && [ -s out/nice.txt ] || fail 'Le script est là : lancez-le ; il doit faire `out/brest.txt` et `out/nice.txt`.' 'The script is there: run it; it has to make `out/brest.txt` and `out/nice.txt`.' hint 2
file_contains out/nice.txt '19\.0' || fail '`out/nice.txt` ne contient pas la moyenne de Nice.' '`out/nice.txt` does not hold the mean of Nice.' hint 2
copy=$(mktemp -d /tmp/pipeline-XXXXXX)
trap 'rm -rf "$copy"; [ -n "$_verdict" ] || exit 70' EXIT
cp -p pipeline.sh stations.sif "$copy"; cp -rp data out "$copy"
cd "$copy"
echo kept > out/brest.txt
timeout 5 ./pipeline.sh </dev/null >/dev/null 2>&1 || fail 'Lancé une seconde fois, `pipeline.sh` échoue.' 'Run a second time, `pipeline.sh` fails.' hint 1
[ "$(cat out/brest.txt)" = kept ] || fail '`pipeline.sh` refait un résultat plus récent que sa source.' '`pipeline.sh` redoes a result that is newer than its source.' hint 1
rm -rf out; mkdir out; rm stations.sif
if timeout 5 ./pipeline.sh </dev/null >/dev/null 2>&1; then fail 'Sans son image, `pipeline.sh` échoue… et rend 0 quand même.' 'Without its image `pipeline.sh` fails… and ends with 0 all the same.' hint 2; fi
[ ! -e out/brest.txt ] || fail 'Quand une étape échoue, un résultat vide reste derrière elle.' 'When a step fails, an empty result stays behind.' hint 2
pass
