import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testCourse, testLesson } from '../../tests/fixtures/in-process-sandboxes.ts';
import { type Deeds, deedsArchive, history } from './take-home.ts';

const course = testCourse('a', {}, [testLesson('first'), testLesson('second')]);
const deeds: Deeds = {
	course,
	language: 'en',
	commands: [{ terminal: 'first/2', at: Date.UTC(2026, 0, 31, 9, 5), command: 'echo a\n\tb', exit: 1, folder: '/home/learner', ms: 1234 }],
	steps: [{ lesson: 'first', step: 'one', state: 'passed' }],
	files: Date.UTC(2026, 0, 31, 10),
	leftOut: ['big.sif'],
	transcripts: [{ lesson: 'first', number: '2', kept: Date.UTC(2026, 0, 31, 9, 6), text: '$ echo a\na\n' }],
	recordings: [1, 2].map((term) => ({
		...{ lesson: 'first', number: '2', kept: Date.UTC(2026, 0, 31, 9, 6) },
		recording: {
			...{ term, from: 0, cut: false, preamble: Buffer.alloc(0), sizes: [{ at: 0, cols: 80, rows: 24 }], exit: 0 },
			...{ bytes: Buffer.from('$ '), moments: [{ end: 2, ms: 1000 }] },
		},
	})),
	now: 0,
};

test('commands are told with time, terminal, exit status and folder; none of them can play tricks on a terminal', () => {
	assert.equal(history(deeds.commands), '# 2026-01-31 09:05:00 UTC  terminal 2  exit 1  1.2 s  /home/learner\n    echo a\n    \tb\n');
	const bad = { ...deeds.commands[0], terminal: 'first/1', at: 0, exit: undefined, ms: 0, folder: '/\x07', command: 'x\x1b]0;evil\x9c\r' };
	assert.equal(history([bad]), '# 1970-01-01 00:00:00 UTC  terminal 1  exit ?  0.0 s  /\\u0007\n    x\\u001b]0;evil\\u009c\\u000d\n');
});

const terminals = ['a/terminals/01-first-2.txt', 'a/terminals/01-first-2.cast', 'a/terminals/01-first-2.2.cast'];

test('one archive, by itself and with files after it, as tar itself sees it', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'all.tar.gz');
	const tar = (...args: string[]) => execFileSync('tar', args, { cwd: folder, encoding: 'utf8' });
	writeFileSync(path, await deedsArchive({ ...deeds, files: undefined }, false));
	assert.deepEqual(tar('-tzf', path).trim().split('\n'), ['a/README.txt', 'a/history/01-first.txt', ...terminals]);
	assert.match(
		tar('-xzOf', path, 'a/terminals/01-first-2.2.cast'),
		/^\{"version":3.*"title":"first – terminal 2"\}\n\[0, "o", "\$ "\]\n\[0, "x", "0"\]\n$/,
	);
	assert.equal(tar('-xzOf', path, 'a/terminals/01-first-2.txt'), '══ 2026-01-31 09:06:00 UTC ══\n$ echo a\na\n');
	writeFileSync(join(folder, 'mine'), 'mine');
	tar('-czf', 'home.tar.gz', '--transform', 's,^,a/home/,', 'mine');
	writeFileSync(path, Buffer.concat([await deedsArchive(deeds, true), execFileSync('cat', [join(folder, 'home.tar.gz')])]));
	assert.deepEqual(tar('-tzf', path).trim().split('\n'), ['a/README.txt', 'a/history/01-first.txt', ...terminals, 'a/home/mine']);
	assert.match(tar('-xzOf', path, 'a/README.txt'), /first: 1\/1 steps passed\nsecond: 0\/1[\s\S]*Too large[^\n]*\n {2}big\.sif/);
	const known = { ...course, version: { number: '1.2.0', commit: '3f2a9c1d', modified: true } };
	writeFileSync(path, await deedsArchive({ ...deeds, course: known, language: 'fr', files: undefined }, false));
	assert.match(tar('-xzOf', path, 'a/LISEZMOI.txt'), /^Version du cours\u00a0: 1\.2\.0 \(3f2a9c1d, modifié\)$/m);
});
