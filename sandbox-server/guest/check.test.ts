import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

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
function check(shell: string, body: string, language = 'fr'): { code: number | null; said: string } {
	const { status, stdout } = spawnSync(shell, ['-c', `. "$LIBRARY"\n${body}`], {
		cwd: folder,
		input: history,
		encoding: 'utf8',
		env: { LIBRARY: library, ETABLI_LANG: language, HOME: folder, PATH: '/nowhere' },
	});
	return { code: status, said: stdout };
}

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
		});

		it('is broken, neither passed nor failed, when something unexpected happens', () => {
			ends('true', 70);
			ends('false; pass', 70);
			ends('x=$(broken why) || fail a b; pass', 70);
			ends('if [ "$(broken why)" ]; then pass; fi; fail a b', 70);
			ends('ran "(" || fail a b', 70);
			ends('fail "only one language"', 70);
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
	});
}
