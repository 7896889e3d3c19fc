import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patience } from '../tools/testing/slowness.ts';

const rc = fileURLToPath(new URL('bashrc', import.meta.url));

/** Runs a line in a shell with these files in its home. @returns what it printed */
function shell(t: TestContext, files: Record<string, string>, line: string, env: Record<string, string> = {}): string {
	const home = mkdtempSync(join(tmpdir(), 'etabli-home-'));
	t.after(() => rmSync(home, { recursive: true, force: true }));
	mkdirSync(join(home, 'bin'));
	for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text, { mode: 0o755 });
	const { stdout, error } = spawnSync('bash', ['--rcfile', rc, '-i'], {
		env: { HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH']}`, TERM: 'dumb', HISTFILE: '/dev/null', ...env },
		input: `${line}\n`,
		encoding: 'utf8',
		timeout: patience(60_000),
	});
	assert.ifError(error);
	return stdout;
}

test('a ~/.bashrc or ~/.bash_aliases that ends the shell leaves a shell, and a word that names it', (t) => {
	for (const file of ['.bashrc', '.bash_aliases'])
		for (const [ETABLI_LANG, word] of [
			['en', `Your ~/${file} ends the shell`],
			['fr', `Votre ~/${file} met fin au shell`],
		] as const) {
			const said = shell(t, { [file]: '[ -e nothing ] || exit 1\n' }, 'echo "works $((6 * 7)) [$ETABLI_BASHRC]"', { ETABLI_LANG });
			assert.ok(said.includes(word), said);
			assert.ok(said.includes('works 42 []'), said);
		}
});

test('what ~/.bash_aliases declares is the shell’s, and a trap of its own stays', (t) => {
	const said = shell(t, { '.bash_aliases': "declare -A mine=([a]=kept)\ntrap 'echo goodbye' EXIT\n" }, 'echo "[${mine[a]}]"');
	assert.match(said, /\[kept\][\s\S]*goodbye/);
});

test('mksquashfs: its options stand behind its files and before all others; those that are said by oneself count', (t) => {
	const files = { 'bin/mksquashfs': '#!/bin/sh\necho "<$*>"\n' };
	const env = { APPTAINER_MKSQUASHFS_ARGS: '-processors 1 -mem 9M' };
	const given = (args: string) => /<(.*)>/.exec(shell(t, files, `mksquashfs ${args}`, env))?.[1];
	assert.equal(given('a b c'), 'a b c -processors 1 -mem 9M');
	assert.equal(given('a b -comp xz -e x y'), 'a b -processors 1 -mem 9M -comp xz -e x y');
	assert.equal(given('a c b -e x'), 'a c b -processors 1 -mem 9M -e x');
	assert.equal(given('- b -tar'), '- b -processors 1 -mem 9M -tar');
	assert.equal(given('a b -processors 2'), 'a b -processors 2');
	assert.equal(given('-version'), '-version');
});

test('another way to the terminal is taken by a shell at a terminal alone: what a shell reads its commands from stays as it is', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-home-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const commands = join(folder, 'commands');
	const marks = join(folder, 'marks');
	const text = 'echo "works $((6 * 7))"\necho "and $((6 * 8))"\n';
	writeFileSync(commands, text);
	/** @returns what it printed */
	const sh = (line: string, way: string): string => {
		const { stdout, error } = spawnSync('sh', ['-c', line], {
			env: { HOME: folder, PATH: process.env['PATH'], TERM: 'dumb', HISTFILE: '/dev/null', ETABLI_DEV_TTY: way },
			encoding: 'utf8',
			timeout: patience(60_000),
		});
		assert.ifError(error);
		return stdout;
	};
	const bash = `bash --rcfile '${rc}' -i`;
	for (const way of ['/dev/fd/0', marks])
		for (const line of [`${bash} <'${commands}'`, `cat '${commands}' | ${bash}`]) {
			assert.match(sh(line, way), /works 42\n[\s\S]*and 48\n/, `${line}, ${way}`);
			assert.equal(readFileSync(commands, 'utf8'), text, `${line}, ${way}`);
		}
	assert.ok(!existsSync(marks));
	assert.match(sh(`script -qec "${bash}" /dev/null <'${commands}'`, marks), /works 42\r\n/);
	assert.match(readFileSync(marks, 'utf8'), /133;A;clears/);
});
