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
import { PublicError } from '../../src/shared/errors.ts';
import type { LearnerRow } from '../store/store.ts';
import { FileService } from './file-service.ts';

/** The scripts are run for real, by this machine's shell instead of a sandbox's; never as root, who may do everything. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
const learner = { id: 'l', name: 'learner-1' } as LearnerRow;
let top: string;
let folder: string;
let written: number;
let files: FileService;
beforeEach(() => {
	top = mkdtempSync(join(tmpdir(), 'etabli-files-'));
	folder = join(top, 'lesson');
	mkdirSync(folder);
	for (const path of [top, folder]) own(path);
	chmodSync(top, 0o755);
	written = 0;
	files = new FileService({
		place: {
			runScript: async (_learner, _course, _lesson, { script, env, stdin }) => {
				const file = join(top, 'script');
				writeFileSync(file, script, { mode: 0o755 });
				const run = spawnSync(file, { ...user, cwd: folder, env: { PATH: process.env['PATH'], ...env }, input: stdin, encoding: 'utf8' });
				return { outcome: 'exited', code: run.status ?? -1, ms: 1, stdout: run.stdout, stderr: run.stderr };
			},
		},
		onWritten: () => written++,
		log: { warn: (detail, message) => assert.fail(`${message}: ${JSON.stringify(detail)}`) },
	});
});
afterEach(() => rmSync(top, { recursive: true }));

const own = (path: string) => user.uid !== undefined && chownSync(path, user.uid, user.gid ?? 0);
const make = (path: string, content: string | Uint8Array, mode = 0o644) => {
	writeFileSync(join(folder, path), content);
	chmodSync(join(folder, path), mode);
	own(join(folder, path));
};
const look = (path: string) => files.look(learner, 'c', 'l', path, 'fr');
const write = (path: string, text: string | null, mark: string) => files.write(learner, 'c', 'l', { path, text, mark }, 'fr');
const refused = (asked: Promise<unknown>, code: string) =>
	assert.rejects(asked, (error) => {
		assert.ok(error instanceof PublicError);
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
	make('large', 'x'.repeat(64 * 1024 + 1));
	make('most', 'x'.repeat(64 * 1024));
	await refused(look('zero'), 'file-binary');
	await refused(look('latin'), 'file-binary');
	await refused(look('large'), 'file-large');
	await refused(write('new', 'x'.repeat(64 * 1024 + 1), 'none'), 'file-large');
	await refused(write('new', 'a\0', 'none'), 'file-binary');
	assert.equal((await write('most', 'y'.repeat(64 * 1024), (await look('most')).mark)).text?.length, 64 * 1024);
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
