import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { helperFaults } from './check-helpers.ts';
import { readShell } from './shell-commands.ts';

const check = (body: string) => `#!/bin/sh\n. /opt/etabli/check.sh\n${body}\n`;
const setting = { variables: ['SERIAL'], quizzes: ['where', '2'] };
const said = (body: string) =>
	helperFaults(check(body), setting)
		.map(({ line, what, remedy }) => `${line}: ${what} → ${remedy}`)
		.join('\n');

const rows: [string, string, RegExp][] = [
	[
		'a sentence that its apostrophe ends',
		"[ -e x ] || fail 'Il n'y a pas d'image.' 'There is no image.' hint 1",
		/^3: fail takes two sentences.*given 7 words, the first "Il ny".*double quotes/,
	],
	['a hint without its blank', "fail 'Non.' 'No.' hint1", /^3: Behind its two sentences, fail takes "hint NUMBER"; here stands "hint1"/],
	['a hint without a number', "fail 'Non.' 'No.' hint", /here stands "hint"/],
	['a hint number nought', "fail 'Non.' 'No.' hint 0", /here stands "hint 0"/],
	['one language', "fail 'Non.'", /given 1 words/],
	['a helper misspelt', "dir_exits data || fail 'Non.' 'No.'", /^3: There is no helper "dir_exits".*→ Write dir_exists/],
	['… in a condition', 'if file_exist data; then\n\tpass\nfi', /^3: There is no helper "file_exist"/],
	['… in a substitution between quotes', '[ "$(sif_lable x.sif Serial)" = "$SERIAL" ] && pass', /"sif_lable".*→ Write sif_label/],
	['… negated, behind a pipe', 'true |\n\t! ran_ani "x"', /^4: There is no helper "ran_ani"/],
	['an end misspelt', 'fial "Non." "No."', /"fial".*→ Write fail/],
	[
		'a command that is not quoted',
		'ran apptainer pull && pass',
		/^3: ran takes 1 word, and is given 2\. → Put what belongs together between quotes/,
	],
	['a word too few', 'file_contains out.txt && pass', /^3: file_contains takes 2 words, and is given 1\. → Compare with/],
	['a word too many', 'pass now', /^3: pass takes 0 words, and is given 1/],
	[
		'a pattern of another dialect',
		"file_contains out.txt '^\\d+$' && pass",
		/^3: This pattern of file_contains .*\\d has no meaning.*\[0-9\] for a digit/,
	],
	['… as the second word', "ran_after 'ls' '(?i)cat' || fail a b", /^3: This pattern of ran_after .*start of expression/],
	['a pattern that is none', 'last_matches "a(b" x && pass', /^3: This pattern of last_matches .*Unmatched \(/],
	['a variable misspelt', '[ "$(sif_label x.sif Serial)" = "$SERAIL" ] && pass', /^3: Nothing gives \$SERAIL a value\. → Write \$SERIAL/],
	['… in a substitution', 'found=1\nx=$(matches "${fuond}" 1) && pass', /^4: Nothing gives \$fuond a value\. → Write \$found/],
	['a quiz that is not there', 'quiz_right were || fail a b', /^3: There is no quiz "were".*→ Its quizzes: where, 2/],
	[
		'a variable that is not filled in',
		`found=1\nfail 'Il y a $found.' "There is $found."`,
		/^4: Between single quotes \$found is shown as it stands/,
	],
	[
		'bold text',
		"fail 'La clé **secrète**.' 'The **secret** key.'",
		/^3: "\*\*secrète\*\*" is shown as it stands\. → A sentence has code between back-ticks/,
	],
	['a link', "fail 'Lire [ceci](x).' 'Read [this](x).'", /^3: "\[ceci\]\(x\)" is shown/],
	['a tag', "fail 'Non.' 'Not <b>yet</b>.'", /^3: "<b>" is shown/],
	['back-ticks that run', 'fail "`x.sif` manque." "`x.sif` is missing."', /^3: Back-ticks between double quotes run.*→ Write \\` for each/],
];
for (const [name, body, expected] of rows) test(name, () => assert.match(said(body), expected));

test('what is good: helpers in every place, programs, functions, here-documents, patterns of case, comments', () => {
	const body = `look() { file_exists "$1" && ! ran_failed 'x y'; }
look one.txt || fail "L'image n'est pas là." 'No "image" yet.' hint 2
count=$(commands | wc -l) 2>/dev/null # fial 'this is a remark'
case $count in
0 | fial) fail a b ;;
*[!0-9]*) broken "count: $count" ;;
esac
cat <<'EOF' > "$TMPDIR/x" 2>&1
fial 'this is text'
EOF
for name in "$@"; do matches "$(cat "$name")" '^a|b$' || fail "\\\`$name\\\`" "\\\`$name\\\`" hint "$count"; done
n=$((count + 1)); printed "a" || printed 'b' "$(apptainer_call exec).*x" || ran $words
matches "$x\\d" "a\\.b$" && matches b "$x\\d" && quiz_right 2 && quiz_right "$x" && [ "$FOUND$HOME\${SERIALS:-}$SERIAL" = "$name" ]
read -r line < x; local lang; fail 'Votre place : $LEARNER/, pas $5.' "\\\`$line\\\` $lang" hint 1
fail 'Écrivez \`a[0](x) **b**\` ou 2 * 3 * 4, <nom>.' 'x'
tail -n 1 x | grep -q y && pass`;
	assert.equal(said(body), '');
	assert.deepEqual(helperFaults("#!/usr/bin/env python3\nfail('x')\n"), [], 'no script of the shell');
	assert.deepEqual(helperFaults('#!/bin/bash\nfail x\n'), [], 'one that does not load the helpers');
});

const known = 'TOTALS=1; liner=1; counter=1; USERS=1\n';
for (const [name, body] of [
	['an arithmetic command', '((TOTAL = 3)); (( 1 == 1 && (LINER += 2) )); echo $TOTAL $LINER'],
	['… in a loop and in a substitution', 'for ((line = 0; line < 3; line++)); do echo $line; done; echo $((count = 2)) $count'],
	['let', 'let line=3 "count = 2"; echo $line $count'],
	['a value for want of another', ': "${count:=2}" "${line=3}"; echo $count $line'],
	['another file', '. ./env.sh; echo $count $TOTAL; fial'],
	['an evaluated text', 'eval "$(cat env)"; echo $count'],
	['a login', 'echo "$USER $BASHPID"'],
] as const)
	test(`a variable that gets its value by ${name} is not misspelt`, () => assert.equal(said(known + body), ''));

test('what is compared, or stands behind subshells and sums, is still looked at', () => {
	assert.match(said(`${known}((line == 3)); echo $line`), /^4: Nothing gives \$line a value/);
	assert.match(said(`${known}((line <= 3)); echo $line`), /^4: Nothing gives \$line a value/);
	assert.match(said(`${known}((fial a); echo b)`), /^4: There is no helper "fial"/);
	assert.match(said(`${known}x=$(( (1 + 2) * 3 )); fial a`), /^4: There is no helper "fial"/);
	assert.match(said(`${known}x=$((\n1 + 2)); fial a`), /^5: There is no helper "fial"/);
	assert.match(said(`${known}. ./env.sh; fail 'Il n'y a rien.' b`), /^4: fail takes two sentences/);
});

test('the checks of the courses that are taught', () => {
	const courses = resolve(import.meta.dirname, '../../courses');
	const scripts = readdirSync(courses, { recursive: true, encoding: 'utf8' }).filter((file) => /\/checks\/[^/]+\.sh$/.test(file));
	assert.ok(scripts.length > 10);
	for (const file of scripts) assert.deepEqual(helperFaults(readFileSync(join(courses, file), 'utf8')), [], file);
});

test('commands are read with their lines and words', () => {
	const { commands, functions } = readShell(`A=1 f 'a b' "c $(g h)" 2>&1 | \\\n  i < file; j() { k; }`);
	assert.deepEqual(
		commands.map(({ words, line }) => [line, ...words]),
		[
			[1, 'g', 'h'],
			[1, 'f', 'a b', 'c $'],
			[2, 'i'],
			[2, 'k'],
		],
	);
	assert.deepEqual([...functions], ['j']);
});
