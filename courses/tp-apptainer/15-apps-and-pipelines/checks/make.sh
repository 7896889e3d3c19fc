#!/bin/bash
# Played in a copy, so that nothing of the learner's is touched: all made; then what is new is left alone; then a fault stops it.
. /opt/etabli/check.sh

[ -x pipeline.sh ] || fail 'Il n’y a pas encore de script `pipeline.sh` exécutable : écrivez-le, puis `chmod +x pipeline.sh`.' 'There is no executable script `pipeline.sh` yet: write it, then `chmod +x pipeline.sh`.' hint 1
[ -s out/brest.txt ] && [ -s out/nice.txt ] || fail 'Le script est là : lancez-le ; il doit faire `out/brest.txt` et `out/nice.txt`.' 'The script is there: run it; it has to make `out/brest.txt` and `out/nice.txt`.' hint 2
file_contains out/nice.txt '19\.0' || fail '`out/nice.txt` ne contient pas la moyenne de Nice : lancez-y `--app mean` sur `data/nice.csv`.' '`out/nice.txt` does not hold the mean of Nice: run `--app mean` on `data/nice.csv` for it.' hint 2
copy=$(mktemp -d /tmp/pipeline-XXXXXX)
trap 'rm -rf "$copy"; [ -n "$_verdict" ] || exit 70' EXIT
cp -p pipeline.sh stations.sif "$copy"; cp -rp data out "$copy"
cd "$copy"
echo kept > out/brest.txt
timeout 5 ./pipeline.sh </dev/null >/dev/null 2>&1 || fail 'Lancé une seconde fois, `pipeline.sh` échoue : lancez-le deux fois de suite, et lisez ce qu’il dit.' 'Run a second time, `pipeline.sh` fails: run it twice in a row, and read what it says.' hint 1
[ "$(cat out/brest.txt)" = kept ] || fail '`pipeline.sh` refait un résultat plus récent que sa source : comparez-les par `-nt`, et passez au suivant.' '`pipeline.sh` redoes a result that is newer than its source: compare them by `-nt`, and go on to the next.' hint 1
rm -rf out; mkdir out; rm stations.sif
if timeout 5 ./pipeline.sh </dev/null >/dev/null 2>&1; then fail 'Sans son image, `pipeline.sh` échoue… et rend 0 quand même : commencez-le par `set -e`.' 'Without its image `pipeline.sh` fails… and ends with 0 all the same: begin it with `set -e`.' hint 2; fi
[ ! -e out/brest.txt ] || fail 'Quand une étape échoue, un résultat vide reste derrière elle : écrivez dans un autre fichier, et renommez-le à la fin.' 'When a step fails, an empty result stays behind: write to another file, and rename it at the end.' hint 2
pass
