#!/bin/bash
# Runs after every command of the learner, in the lesson's folder. pass and fail are helpers: docs/author/checks.md lists all of them.
. /opt/etabli/check.sh
# From the coarse to the fine; each sentence says what is not right yet, in French, then in English, and which hint helps.
file_exists hello.txt || fail 'Il n’y a pas encore de fichier hello.txt ici.' 'There is no file hello.txt here yet.' hint 1
[ -s hello.txt ] || fail 'hello.txt existe, mais il est vide.' 'hello.txt exists, but it is empty.' hint 2
pass
