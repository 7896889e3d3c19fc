import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkHelpers } from '../../src/courses/check-helpers.ts';
import { quoted } from '../../src/courses/shell-quote.ts';

const library = join(import.meta.dirname, 'check.sh');
const folder = mkdtempSync(join(tmpdir(), 'check-'));
after(() => rmSync(folder, { recursive: true }));

const history = [
	'0\t12\tfirst/1\t/home/learner\tapptainer pull a.sif docker://localhost:5000/a:1.0',
	'1\t3\tfirst/1\t/home/learner\tapptainer run a.sif \\\\. b\\n"c"',
	'-\t0\tfirst/1\t/home/learner\tapptainer shell a.sif',
	'0\t5\tfirst/1\t/home/learner\tgrep -c "x\\ty" file',
	'',
].join('\n');

/** What the learner and the server get of a check with this body. */
function check(shell: string, body: string, language = 'fr', more: Record<string, string> = {}): { code: number | null; said: string } {
	const { status, stdout } = spawnSync(shell, ['-c', `. "$LIBRARY"\n${body}`], {
		cwd: folder,
		input: history,
		encoding: 'utf8',
		env: { LIBRARY: library, ETABLI_LANG: language, HOME: folder, PATH: '/nowhere', ...more },
	});
	return { code: status, said: stdout };
}

/** As the agent starts a check: from a file that is only held open. @param program of its first line */
function held(program: string, body: string): { code: number | null; said: string; log: string } {
	const file = join(folder, 'held');
	writeFileSync(file, `#!${program}\n. "$LIBRARY"\n${body}\n`);
	const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', `exec ${program} /dev/fd/3 3< "$0"`, file], {
		cwd: folder,
		input: history,
		encoding: 'utf8',
		env: { LIBRARY: library, ETABLI_LANG: 'fr', HOME: folder, PATH: '/nowhere' },
	});
	return { code: status, said: stdout, log: stderr };
}

it('lint knows every helper, and no other', () => {
	const defined = [...readFileSync(library, 'utf8').matchAll(/^([a-z]\w*)\(\) /gm)].map(([, name]) => name);
	// Not a helper of its own: the one is bash's, the other a program that keeps its meaning.
	const known = defined.filter((name) => name !== 'command_not_found_handle' && name !== 'timeout');
	assert.deepEqual(Object.keys(checkHelpers).sort(), known.sort());
});

describe('bounds in a check are as patient as its own', () => {
	for (const shell of ['/bin/sh', '/bin/bash']) {
		it(shell, () => {
			const asked = (call: string, more: Record<string, string>) =>
				check(shell, `command() { echo "$*"; }\n${call}\npass`, 'fr', more).said.trim();
			assert.equal(asked('timeout 5 cat x', {}), 'timeout 5 cat x');
			assert.equal(asked('timeout 5 cat "a b"', { ETABLI_PATIENCE: '3' }), 'timeout 15 cat a b');
			assert.equal(asked('timeout -k 1 5 cat x', { ETABLI_PATIENCE: '3' }), 'timeout -k 1 5 cat x');
			assert.deepEqual(check(shell, 'said=$(timeout 5 /bin/echo yes) && [ "$said" = yes ] && pass'), { code: 0, said: '' });
		});
	}
});

describe('what does not exist breaks a check, whichever shell it asks for', () => {
	for (const program of ['/bin/sh', '/bin/bash']) {
		it(program, () => {
			const none = { code: 70, said: '' };
			const rows: [string, string][] = [
				['dir_exits data || fail a b', 'dir_exits'],
				['if file_exist data; then pass; fi; fail a b', 'file_exist'],
				['[ "$(sif_lable x.sif A)" = b ] || fail a b', 'sif_lable'],
				['nosuchprogram x | grep -q y || fail a b', 'nosuchprogram'],
				['! ran_all x && pass', 'ran_all'],
			];
			for (const [body, name] of rows) {
				const { log, ...end } = held(program, body);
				assert.deepEqual(end, none, body);
				assert.match(log, new RegExp(`check broken: there is no helper and no program called ${name}`));
			}
			assert.deepEqual(held(program, 'command -v nosuchprogram || file_exists none || fail a b hint 1'), {
				code: 10,
				said: 'a\nhint: 1\n',
				log: '',
			});
			assert.equal(held(program, 'ran "apptainer pull" && pass').code, 0, 'what comes on standard input is still there');
		});
	}
	it('a backslash in echo means to /bin/sh what it always did', () => {
		assert.equal(held('/bin/sh', '[ "$(echo "a\\\\tb")" = "a	b" ] && pass').code, 0);
	});
});

for (const shell of ['/bin/sh', '/bin/bash']) {
	describe(`check helpers in ${shell}`, () => {
		const ends = (body: string, code: number): void => assert.equal(check(shell, body).code, code, body);

		it('passes with 0 and says nothing', () => {
			assert.deepEqual(check(shell, 'pass'), { code: 0, said: '' });
		});

		it('fails with 10, in the language asked for, and names the hint', () => {
			assert.deepEqual(check(shell, 'fail "Pas encore." "Not yet." hint 2'), { code: 10, said: 'Pas encore.\nhint: 2\n' });
			assert.deepEqual(check(shell, 'fail "Pas encore." "Not yet."', 'en'), { code: 10, said: 'Not yet.\n' });
		});

		it('lets a failure inside a pipe or a substitution end the whole check', () => {
			assert.deepEqual(check(shell, 'echo x | while read -r line; do fail a b; done; pass'), { code: 10, said: 'a\n' });
			ends('x=$(fail a b); pass', 10);
			// Before 5.1, and as before it, bash makes files of here-documents, not pipes.
			assert.deepEqual(check(shell, '( fail a b ); pass', 'fr', { BASH_COMPAT: '5.0' }), { code: 10, said: 'a\n' });
		});

		it('is broken, and blames nobody, when it passes where that cannot end it', () => {
			ends('printf "a\\nb\\n" | while read -r line; do [ "$line" = a ] && pass; done; fail a b', 70);
			ends('x=$(pass); fail a b', 70);
			ends('( true; pass ); fail a b', 70);
			ends('x=$(pass) || true; fail a b', 70);
			ends('if { pass; }; then fail a b; fi', 0);
		});

		it('is passed by no signal, which any program of the learner can send', () => {
			for (const signal of ['ALRM', 'HUP', 'INT', 'QUIT', 'TERM', 'USR1', 'USR2', 'PIPE', 'VTALRM', 'CHLD', 'WINCH'])
				assert.notEqual(check(shell, `kill -s ${signal} $$; fail a b`).code, 0, signal);
		});

		it('is broken, and blames nobody, by a signal that is not its own', () => {
			for (const signal of ['USR1', 'USR2']) {
				assert.deepEqual(check(shell, `kill -s ${signal} $$; pass`), { code: 70, said: '' });
				assert.deepEqual(check(shell, `( kill -s ${signal} $$; sleep 0.1 ); pass`), { code: 70, said: '' });
			}
		});

		it('is broken, neither passed nor failed, when something unexpected happens', () => {
			ends('true', 70);
			ends('false; pass', 70);
			ends('x=$(broken why) || fail a b; pass', 70);
			ends('if [ "$(broken why)" ]; then pass; fi; fail a b', 70);
			ends('ran "(" || fail a b', 70);
			ends('fail "only one language"', 70);
			// A quote that ends too early, a hint without its blank, one without a number.
			ends("fail 'Il n'y a pas d'image.' 'There is no image.' hint 1", 70);
			ends('fail "Non." "No." hint1', 70);
			for (const hint of ['hint', 'hint one', 'hint 0', 'hint 1 2', 'Hint 1']) ends(`fail "Non." "No." ${hint}`, 70);
			ends('exit 10', 70);
			ends('exit 0', 70);
			writeFileSync(join(folder, 'file'), 'text\n');
			ends('file_contains file "(" || fail a b', 70);
		});

		it('finds commands in the history by how they ended', () => {
			ends('ran "^apptainer +pull" && ! ran "apptainer run" && ran_any "apptainer run" && pass', 0);
			ends('ran_failed "apptainer run" && ! ran_failed "apptainer pull" && pass', 0);
			ends('! ran "apptainer shell" && ! ran_failed "apptainer shell" && ran_any "apptainer shell" && pass', 0);
			ends('ran_after pull grep && ! ran_after grep pull && pass', 0);
		});

		it('reads a command over several lines as one, with its own backslashes', () => {
			ends('ran_any "a\\.sif \\\\\\\\. b \\"c\\"$" && pass', 0);
			ends('ran "x y" && pass', 0);
		});

		it('takes a missing file for "no"', () => {
			ends(
				'file_exists none || file_contains none x || dir_exists none || file_mode none 644 || same_content none none || is_sif none || pass',
				0,
			);
		});

		it('does not take another file for an image', () => {
			ends('! is_sif file && pass', 0);
		});

		it('compares contents and modes', () => {
			writeFileSync(join(folder, 'one'), 'a line\n', { mode: 0o640 });
			writeFileSync(join(folder, 'two'), 'a line\n');
			ends('same_content one two && file_mode one 640 && file_contains one "^a +line$" && pass', 0);
		});

		it('looks at what was tried last', () => {
			ends('last_matches "apptainer" "shell" && ! last_matches "apptainer" "pull" && ! last_matches "podman" ".*" && pass', 0);
			ends('[ "$(whole_command pull)" = "apptainer pull a.sif docker://localhost:5000/a:1.0" ] && pass', 0);
			ends('last_matches docker "(" || pass', 70);
		});

		it('knows a call of apptainer from a mention of it, and by its old name', () => {
			const calls = [
				'apptainer exec x.sif ls',
				'cd a && apptainer -q exec x.sif ls',
				'A=1 B=2 apptainer --debug exec x.sif ls',
				'echo x | apptainer exec x.sif cat',
				'time singularity exec x.sif ls',
				'for i in 1; do apptainer exec x.sif ls; done',
			];
			const mentions = [
				'echo apptainer exec x.sif',
				'# apptainer exec',
				'man apptainer',
				'apptainer run x.sif exec',
				'apptainer executable',
			];
			for (const [lines, code] of [
				[calls, 0],
				[mentions, 1],
			] as const) {
				for (const line of lines)
					ends(`matches '${line}' "$(apptainer_call exec)" && exit_code=0 || exit_code=1; [ $exit_code = ${code} ] && pass`, 0);
			}
		});

		it('tells whose shell writes a file', () => {
			const outside = ['apptainer exec x.sif echo a > out.txt', 'apptainer exec x.sif echo "a b" >>out.txt', 'cat a 2>&1 > ./out.txt; ls'];
			const inside = [
				`apptainer exec x.sif sh -c "echo a > out.txt"`,
				'apptainer exec x.sif touch out.txt',
				'ls > out.txt.bak',
				'cat < out.txt',
			];
			for (const line of outside) ends(`shell_writes '${line}' out.txt && pass`, 0);
			for (const line of inside) ends(`! shell_writes '${line}' out.txt && pass`, 0);
			ends(`! shell_writes "apptainer exec x.sif sh -c 'echo a > out.txt'" out.txt && pass`, 0);
		});

		it('reads the sections and headers of a recipe, whatever their case', () => {
			const recipe =
				'# Bootstrap: none\nBOOTSTRAP: docker\nFrom:  a:1 \n\n%Post\n  # no\n  yes\n%LABELS\n  From: b\nbootstrap: docker\nFROM: c\n%post\n  too\n';
			writeFileSync(join(folder, 'x.def'), recipe);
			ends(
				'[ "$(def_section x.def post | tr -d " \\n")" = yestoo ] && def_section x.def Labels >/dev/null && ! def_section x.def test && pass',
				0,
			);
			ends(
				'[ "$(def_header x.def from | tr "\\n" ,)" = a:1,c, ] && [ -z "$(def_header x.def Stage)" ] && ! def_section none post && pass',
				0,
			);
		});

		it('takes a recipe with variables for the recipe of what was built with values', () => {
			const same = (recipe: string, stored: string): number | null =>
				check(
					shell,
					`code=0; _same_recipe ${quoted(recipe)} ${quoted(stored)} || code=$?; [ $code = 0 ] && pass; [ $code = 3 ] && fail a b`,
				).code;
			assert.equal(same('a {{ V }}.b\n{{W}}', 'a 1*2.b\n{'), 0);
			assert.equal(same('a {{ V }}\nb {{ V }} {{ W }}', 'a 1\nb 1 2'), 0);
			assert.equal(same('a {{ V }}\nb {{ V }}', 'a 1\nb 2'), 10);
			assert.equal(same('a {{.V}} {{ not a var }}', 'a 1 2'), 10);
			assert.equal(same('a.c', 'abc'), 10);
			assert.equal(same('a', 'a\nb'), 10);
			assert.equal(same('a\nb', 'a'), 10);
		});
	});
}
