#!/bin/bash
# Runs after every command of the learner, in the lesson's folder. pass and fail are helpers: docs/author/checks.md lists all of them.
. /opt/etabli/check.sh
# From the coarse to the fine; each sentence says what is not right yet, in French, then in English, and which hint helps.
dir_exists kept || fail 'Il n’y a pas encore de dossier kept.' 'There is no folder kept yet.' hint 1
file_exists kept/hello.txt || fail 'Le dossier kept est là, mais hello.txt n’y est pas.' 'The folder kept is there, but hello.txt is not in it.' hint 1
same_content hello.txt kept/hello.txt || fail 'kept/hello.txt n’est pas la copie de hello.txt.' 'kept/hello.txt is not a copy of hello.txt.' hint 1
pass
