import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { maxFileBytes, maxFolderEntries } from '../../src/shared/course/placed-file.ts';
import { Refusal, refusalText } from '../../src/shared/protocol/refusals.ts';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { ManualClock, settled } from '../../tests/fixtures/manual-clock.ts';
import type { ScriptResult } from '../agent/agent.ts';
import { bareLab } from '../labs/lab.ts';
import { systemClock } from '../platform/clock.ts';
import { FileService } from './file-service.ts';

/** The scripts are run for real, by this machine's shell instead of a sandbox's; never as root, who may do everything. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
const lab = bareLab({ owner: { id: 'l', name: 'learner-1', seed: '', created: 0 }, course: testCourse('c') });
let top: string;
let folder: string;
let written: number;
/** What the agent says of a script, instead of what it did. */
let outcome: Exclude<ScriptResult['outcome'], 'exited'> | undefined;
let files: FileService;
beforeEach(() => {
	top = mkdtempSync(join(tmpdir(), 'etabli-files-'));
	folder = join(top, 'lesson');
	mkdirSync(folder);
	for (const path of [top, folder]) own(path);
	chmodSync(top, 0o755);
	written = 0;
	outcome = undefined;
	files = new FileService({
		scripts: {
			runScript: async (_lab, _lesson, { script, env, stdin }) => {
				const file = join(top, 'script');
				writeFileSync(file, script, { mode: 0o755 });
				const maxBuffer = 64 * 1024 * 1024;
				const options = { ...user, cwd: folder, env: { PATH: process.env['PATH'], ...env }, input: stdin, maxBuffer } as const;
				const run = spawnSync(file, { ...options, encoding: 'utf8' });
				const ended = { code: run.status ?? -1, ms: 1, stdout: run.stdout, stderr: run.stderr };
				return outcome ? { ...ended, outcome, stdout: '' } : { ...ended, outcome: 'exited' };
			},
		},
		onWritten: () => written++,
		log: { warn: (detail, message) => assert.fail(`${message}: ${JSON.stringify(detail)}`) },
		clock: systemClock,
	});
});
afterEach(() => rmSync(top, { recursive: true }));

const own = (path: string) => user.uid !== undefined && chownSync(path, user.uid, user.gid ?? 0);
const make = (path: string, content: string | Uint8Array, mode = 0o644) => {
	writeFileSync(join(folder, path), content);
	chmodSync(join(folder, path), mode);
	own(join(folder, path));
};
const look = (path: string) => files.look(lab, 'l', path, 'fr');
const write = (path: string, text: string | null, mark: string) => files.write(lab, 'l', { path, text, mark }, 'fr');
const refused = (asked: Promise<unknown>, code: string) =>
	assert.rejects(asked, (error) => {
		assert.ok(error instanceof Refusal);
		assert.equal(error.code, code);
		return true;
	});

test('a new file, in folders that are made for it; looked at, changed, taken away', async () => {
	assert.deepEqual(await look('a/b/c.txt'), { path: 'a/b/c.txt', text: null, mark: 'none' });
	const first = await write('a/b/c.txt', 'été\n$HOME `x`\n', 'none');
	assert.deepEqual(await look('a/b/c.txt'), first);
	assert.equal(readFileSync(join(folder, 'a/b/c.txt'), 'utf8'), 'été\n$HOME `x`\n');
	assert.equal(statSync(join(folder, 'a/b/c.txt')).mode & 0o777, 0o644);
	const second = await write('a/b/c.txt', '', first.mark);
	assert.deepEqual(await look('a/b/c.txt'), second);
	await write('a/b/c.txt', null, second.mark);
	assert.deepEqual(readdirSync(join(folder, 'a/b')), []);
	assert.equal(written, 3);
});

test('a file keeps its mode, and names may hold anything', async () => {
	for (const path of ['-rf', 'with blank', "it's", '$(touch x)', '*', 'x\\ny', '.hidden']) {
		make(path, 'old', 0o755);
		await write(path, 'new', (await look(path)).mark);
		assert.equal(readFileSync(join(folder, path), 'utf8'), 'new', path);
		assert.equal(statSync(join(folder, path)).mode & 0o777, 0o755, path);
	}
	assert.equal(existsSync(join(folder, 'x')), false);
});

test('what has changed since it was looked at is not written over', async () => {
	make('f', 'one');
	const { mark } = await look('f');
	make('f', 'two');
	await refused(write('f', 'mine', mark), 'file-changed');
	await refused(write('f', 'mine', 'none'), 'file-changed');
	await refused(write('f', null, mark), 'file-changed');
	await refused(write('g', 'mine', mark), 'file-changed');
	assert.equal(readFileSync(join(folder, 'f'), 'utf8'), 'two');
	assert.deepEqual(readdirSync(folder), ['f']);
	assert.equal(written, 0);
});

test('links, folders, pipes, other people’s files: one sentence each, and nothing is touched', async () => {
	writeFileSync(join(top, 'secret'), 'secret', { mode: 0o666 });
	symlinkSync('../secret', join(folder, 'link'));
	symlinkSync('nowhere', join(folder, 'dangling'));
	symlinkSync('..', join(folder, 'out'));
	mkdirSync(join(folder, 'sub'));
	own(join(folder, 'sub'));
	symlinkSync('sub', join(folder, 'in'));
	make('file', 'x');
	make('locked', 'x', 0o000);
	spawnSync('mkfifo', [join(folder, 'pipe')]);
	mkdirSync(join(folder, 'shut'), { mode: 0o700 });
	const rows: [string, string][] = [
		['link', 'file-link'],
		['dangling', 'file-link'],
		['out/secret', 'file-outside'],
		['out/new/secret', 'file-outside'],
		['dangling/x', 'file-folder'],
		['sub', 'file-folder'],
		['file/x', 'file-folder'],
		['pipe', 'file-special'],
		['locked', 'file-forbidden'],
		['../secret', 'file-outside'],
		['/etc/passwd', 'file-outside'],
		['a/../../secret', 'file-outside'],
	];
	for (const [path, code] of rows) {
		await refused(look(path), code);
		await refused(write(path, 'mine', 'none'), code);
	}
	await refused(write('shut/x', 'mine', 'none'), 'file-forbidden');
	assert.equal(readFileSync(join(top, 'secret'), 'utf8'), 'secret');
	// A link to a folder of the lesson's own is as good as the folder.
	await write('in/x', 'mine', 'none');
	assert.equal(readFileSync(join(folder, 'sub/x'), 'utf8'), 'mine');
});

test('what is no text, or too much of it', async () => {
	make('zero', 'a\0b');
	make('latin', Uint8Array.of(0xe9, 0x74, 0xe9));
	make('large', 'x'.repeat(maxFileBytes + 1));
	make('most', 'x'.repeat(maxFileBytes));
	await refused(look('zero'), 'file-binary');
	await refused(look('latin'), 'file-binary');
	await refused(look('large'), 'file-large');
	await refused(write('new', 'x'.repeat(maxFileBytes + 1), 'none'), 'file-large');
	await refused(write('new', 'a\0', 'none'), 'file-binary');
	assert.equal((await write('most', 'y'.repeat(maxFileBytes), (await look('most')).mark)).text?.length, maxFileBytes);
	make('mark', '\ufeffa\r\n');
	assert.equal((await look('mark')).text, '\ufeffa\r\n');
});

test('no room: told as that, and the old file stays', async () => {
	make('f', 'old');
	const { mark } = await look('f');
	const bin = join(top, 'bin');
	mkdirSync(bin);
	// A disk that is full as soon as a new file is to be made.
	writeFileSync(join(bin, 'mktemp'), '#!/bin/sh\necho "mktemp: failed to create file: No space left on device" >&2\nexit 1\n', {
		mode: 0o755,
	});
	const path = process.env['PATH'];
	process.env['PATH'] = `${bin}:${path}`;
	try {
		await refused(write('f', 'new', mark), 'file-full');
	} finally {
		process.env['PATH'] = path;
	}
	assert.equal(readFileSync(join(folder, 'f'), 'utf8'), 'old');
});

const glance = (folders: string[], paths: string[] = []) => files.glance(lab, 'l', { folders, files: paths }, 'en');
const codes = (report: { refused?: { code: string } | undefined }[]) => report.map(({ refused: why }) => why?.code);

test('folders and marks are asked about together; each that cannot be told says why', async () => {
	for (const path of ['sub', 'sub/deep', 'shut']) {
		mkdirSync(join(folder, path));
		own(join(folder, path));
	}
	for (const path of ['b.txt', 'A.txt', '.hidden', '-rf', '=0', 'sub/x']) make(path, path);
	make('two\nlines', 'x');
	make('large', 'x'.repeat(maxFileBytes + 1));
	symlinkSync('b.txt', join(folder, 'link'));
	symlinkSync('sub', join(folder, 'in'));
	symlinkSync('..', join(folder, 'out'));
	spawnSync('mkfifo', [join(folder, 'pipe')]);
	writeFileSync(Buffer.concat([Buffer.from(join(folder, 'latin-')), Buffer.of(0xe9)]), '');
	if (user.uid !== undefined) chownSync(join(folder, 'shut'), 0, 0);
	chmodSync(join(folder, 'shut'), 0o700);

	const folders = ['', 'sub', 'in', 'gone', 'out', 'b.txt', '../..', ...(user.uid === undefined ? [] : ['shut'])];
	const report = await glance(folders, ['b.txt', 'none', 'pipe', 'link', 'large', 'out/x', '/etc/passwd', 'sub/x']);
	assert.deepEqual(
		report.folders.map(({ path }) => path),
		folders,
	);
	const [top, sub, inside, gone] = report.folders;
	assert.deepEqual(
		top?.entries.map(({ name, kind }) => `${kind} ${name}`),
		[
			'folder in',
			'folder out',
			'folder shut',
			'folder sub',
			'file -rf',
			'file .hidden',
			'file =0',
			'file A.txt',
			'file b.txt',
			'file large',
		].concat(['other link', 'other pipe']),
	);
	assert.deepEqual([top?.unshown, top?.more], [2, false]);
	assert.deepEqual(sub?.entries, [
		{ name: 'deep', kind: 'folder' },
		{ name: 'x', kind: 'file' },
	]);
	assert.deepEqual(inside?.entries, sub?.entries, 'a link to a folder of the lesson’s own is as good as the folder');
	assert.deepEqual([gone?.entries, gone?.refused], [[], undefined]);
	const refusedFolders = ['file-outside', 'file-folder', 'file-outside', ...(user.uid === undefined ? [] : ['file-forbidden'])];
	assert.deepEqual(codes(report.folders.slice(4)), refusedFolders);
	assert.equal(report.folders[4]?.refused?.message, refusalText('file-outside', 'en', { path: 'out' }));
	assert.deepEqual(codes(report.files), [
		undefined,
		undefined,
		'file-special',
		'file-link',
		'file-large',
		'file-outside',
		'file-outside',
		undefined,
	]);
	const marks = await Promise.all(['b.txt', 'none', 'sub/x'].map(async (path) => (await look(path)).mark));
	assert.deepEqual(
		[0, 1, 7].map((at) => report.files[at]?.mark),
		marks,
	);
	assert.deepEqual(await glance([], []), { folders: [], files: [] });
});

test('a folder of ten thousand files: the first thousand, and that there are more', async () => {
	for (let n = 0; n < 10_000; n++) writeFileSync(join(folder, `file-${n}`), '');
	const [top] = (await glance([''])).folders;
	assert.deepEqual([top?.entries.length, top?.more, top?.unshown], [maxFolderEntries, true, 0]);
});

test('a file that grows while it is read is too large, and is not read to its end', async () => {
	make('log', 'x'.repeat(maxFileBytes));
	const bin = join(top, 'bin');
	mkdirSync(bin);
	// Its size is asked first: between that and the reading it has grown.
	writeFileSync(join(bin, 'stat'), '#!/bin/sh\n/usr/bin/stat "$@" || /bin/stat "$@"\nhead -c 10000000 /dev/zero >> log\n', { mode: 0o755 });
	const path = process.env['PATH'];
	process.env['PATH'] = `${bin}:${path}`;
	try {
		await refused(look('log'), 'file-large');
	} finally {
		process.env['PATH'] = path;
	}
	await refused(write('log', 'mine', 'none'), 'file-changed');
});

test('what a learner can do to the script is no fault of the server’s', async () => {
	make('f', 'x');
	for (const [how, code] of [
		['signal', 'file-unanswered'],
		['time-limit', 'file-unanswered'],
		['output-limit', 'file-large'],
		['not-started', 'processes-full'],
	] as const) {
		outcome = how;
		await refused(look('f'), code);
		await refused(glance(['']), code);
	}
});

test('eight learners who stop their own scripts keep a ninth waiting for half a second; one has a script at a time, and four that wait', async () => {
	const clock = new ManualClock();
	const begun: string[] = [];
	const ends: (() => void)[] = [];
	const hanging = new FileService({
		scripts: {
			runScript: async ({ owner }) => {
				begun.push(owner.id);
				await new Promise<void>((end) => ends.push(end));
				return { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' };
			},
		},
		onWritten: () => undefined,
		log: { warn: () => undefined },
		clock,
	});
	const lookOf = (id: string) => hanging.look(bareLab({ ...lab, owner: { ...lab.owner, id } }), 'l', 'a.txt', 'fr');
	const hang = ['1', '2', '3', '4', '5', '6', '7', '8'];
	const asked = [...hang, '9'].map(lookOf);
	await clock.advance(499);
	assert.deepEqual(begun, hang);
	await clock.advance(1);
	assert.deepEqual(begun, [...hang, '9']);

	asked.push(...['1', '1', '1', '1'].map(lookOf));
	await refused(lookOf('1'), 'too-many');
	await clock.advance(10_000);
	assert.equal(begun.length, 9, 'one of the same learner after the other');
	while (ends.length > 0) {
		ends.shift()?.();
		await settled();
	}
	assert.equal((await Promise.all(asked)).length, 13);
	assert.deepEqual(begun, [...hang, '9', '1', '1', '1', '1']);
});
