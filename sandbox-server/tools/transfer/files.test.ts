import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import { pack } from 'tar-stream';
import { type Branch, Outside, packFiles, sizeOf, unpackFiles } from './files.ts';

let place: string;
let target: string;
beforeEach(() => {
	place = mkdtempSync(join(tmpdir(), 'etabli-transfer-'));
	target = join(place, 'target');
	mkdirSync(target);
	mkdirSync(join(place, 'course/files'), { recursive: true });
	writeFileSync(join(place, 'course/run.sh'), '#!/bin/sh\n', { mode: 0o755 });
	writeFileSync(join(place, 'course/files/é ü.txt'), 'text');
	writeFileSync(join(place, 'course/empty'), '');
	mkdirSync(join(place, 'course/.git'));
	writeFileSync(join(place, 'course/.git/config'), 'no');
	symlinkSync('../run.sh', join(place, 'course/files/link'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const course = (): Branch => ({ as: 'courses/a', path: join(place, 'course'), except: ['.git'], extra: { note: 'x' } });

test('what is packed is unpacked: texts, modes, links, empty files, names with accents; what is left out is not there', async () => {
	assert.ok(sizeOf([course()]) > 14);
	await unpackFiles(packFiles([course()]) as AsyncIterable<Buffer>, target);
	const at = (name: string) => join(target, 'courses/a', name);
	assert.deepEqual(readdirSync(join(target, 'courses/a')).sort(), ['empty', 'files', 'note', 'run.sh']);
	assert.equal(readFileSync(at('files/é ü.txt'), 'utf8'), 'text');
	assert.equal(readlinkSync(at('files/link')), '../run.sh');
	assert.equal(statSync(at('run.sh')).mode & 0o111, 0o111);
	assert.equal(statSync(at('empty')).mode & 0o111, 0);
});

test('the stream is what tar itself reads', async () => {
	writeFileSync(join(place, 'x.tar'), await buffer(packFiles([course()])));
	assert.match(execFileSync('tar', ['-tf', join(place, 'x.tar')], { encoding: 'utf8' }), /^courses\/a\ncourses\/a\/empty\n/);
});

test('a link out of the course is told when packing, with its place', async () => {
	symlinkSync('/etc/passwd', join(place, 'course/leak'));
	await assert.rejects(
		buffer(packFiles([course()])),
		(error) => error instanceof Outside && /course\/leak leads to \/etc\/passwd/.test(error.message),
	);
	rmSync(join(place, 'course/leak'));
	symlinkSync('../../other', join(place, 'course/files/leak'));
	await assert.rejects(buffer(packFiles([course()])), /leads to \.\.\/\.\.\/other/);
});

type Hostile = Parameters<ReturnType<typeof pack>['entry']>[0];

async function hostile(...entries: Hostile[]): Promise<string> {
	const tar = pack();
	for (const entry of entries) tar.entry(entry, entry.type === undefined || entry.type === 'file' ? 'evil' : '');
	tar.finalize();
	try {
		await unpackFiles(Readable.from(tar) as AsyncIterable<Buffer>, target);
	} catch (error) {
		assert.ok(error instanceof Outside, String(error));
		return error.message;
	}
	return 'taken';
}

test('nothing is written outside, whatever an archive says', async () => {
	const cases: [RegExp, ...Hostile[]][] = [
		[/outside itself: "\.\.\/evil"/, { name: '../evil' }],
		[/outside itself/, { name: join(place, 'evil') }],
		[/outside itself/, { name: 'site/../../evil' }],
		[/outside itself/, { name: 'site/./evil' }],
		[/outside itself/, { name: 'site//evil' }],
		[/outside itself/, { name: 'store.sqlite' }],
		[/outside itself/, { name: 'run/server.json' }],
		[/outside itself/, { name: 'site\\..\\evil' }],
		[/link leads outside: "site\/l" → "\/etc"/, { name: 'site/l', type: 'symlink', linkname: '/etc' }],
		[/link leads outside/, { name: 'site/l', type: 'symlink', linkname: '../guest/agent' }],
		[/link leads outside/, { name: 'courses/a/l', type: 'symlink', linkname: '../b/x' }],
		[/link leads outside/, { name: 'site/l', type: 'symlink', linkname: '' }],
		[
			/link leads outside: "site\/a\/b\/l2" → "l1\/\.\."/,
			{ name: 'site/a/b/l1', type: 'symlink', linkname: '../..' },
			{ name: 'site/a/b/l2', type: 'symlink', linkname: 'l1/..' },
		],
		[/write through a link/, { name: 'site/l', type: 'symlink', linkname: 'real' }, { name: 'site/l/evil' }],
		[/two files of one name/, { name: 'site/l', type: 'symlink', linkname: 'real' }, { name: 'site/l' }],
		[/two files of one name/, { name: 'site/a' }, { name: 'site/a' }],
		[/neither file nor folder/, { name: 'site/l', type: 'link', linkname: 'site/a' }],
		[/neither file nor folder/, { name: 'site/null', type: 'character-device', devmajor: 1, devminor: 3 }],
		[/neither file nor folder/, { name: 'site/pipe', type: 'fifo' }],
	];
	for (const [expected, ...entries] of cases) {
		rmSync(target, { recursive: true });
		mkdirSync(target);
		assert.match(await hostile(...entries), expected, JSON.stringify(entries));
		assert.deepEqual(readdirSync(place).sort(), ['course', 'target'], JSON.stringify(entries));
	}
	rmSync(target, { recursive: true });
	mkdirSync(target);
	assert.equal(await hostile({ name: 'site/a' }, { name: 'site/b', type: 'symlink', linkname: 'a' }), 'taken');
	assert.equal(
		await hostile({ name: 'site/c/d', type: 'symlink', linkname: '../b' }, { name: 'site/c/e', type: 'symlink', linkname: './d' }),
		'taken',
	);
});

test('an archive that unpacks to more than it says is refused before it fills the disk', async () => {
	const tar = pack();
	tar.entry({ name: 'site/index.html' }, 'x'.repeat(2000));
	tar.finalize();
	await assert.rejects(unpackFiles(Readable.from(tar) as AsyncIterable<Buffer>, target, 1999), /holds more than the 1999 bytes/);
});
