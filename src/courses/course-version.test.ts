import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { versionText } from '../shared/protocol/version.ts';
import { readVersion, versionFile } from './course-version.ts';

let place: string;
beforeEach(() => {
	place = mkdtempSync(join(tmpdir(), 'etabli-version-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function git(...args: string[]): string {
	const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
	return execFileSync('git', [...identity, ...args], { cwd: place, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
function write(path: string, text: string): void {
	mkdirSync(join(place, path, '..'), { recursive: true });
	writeFileSync(join(place, path), text);
}
const text = (folder: string, number?: string) => versionText(readVersion(join(place, folder), number));

test('a number, a commit, both, or nothing', () => {
	write('a/course.yaml', 'x');
	assert.equal(text('a'), undefined);
	assert.equal(text('a', '1.2.0'), '1.2.0');
	git('init', '-q');
	assert.equal(text('a', '1.2.0'), '1.2.0', 'a repository without a commit');
	git('add', '.');
	git('commit', '-qm', 'one');
	const first = git('rev-parse', 'HEAD').slice(0, 8);
	assert.equal(text('a'), first);
	assert.equal(text('a', '1.2.0'), `1.2.0 (${first})`);
});

test('the commit is the last that changed this course; files that are not its files make it "modified"', () => {
	write('a/course.yaml', 'x');
	write('b/course.yaml', 'x');
	git('init', '-q');
	git('add', '.');
	git('commit', '-qm', 'one');
	const first = git('rev-parse', 'HEAD').slice(0, 8);
	write('b/course.yaml', 'y');
	git('commit', '-qam', 'two');
	assert.equal(text('a'), first);
	write('b/new.txt', 'not added');
	assert.equal(text('a'), first);
	assert.match(text('b') ?? '', /^[0-9a-f]{8}, modified$/);
	assert.match(versionText(readVersion(join(place, 'b'), '2.0.0'), 'fr') ?? '', /^2\.0\.0 \([0-9a-f]{8}, modifié\)$/);
});

test('asking writes nothing and starts nothing that the repository names', () => {
	write('course.yaml', 'x');
	git('init', '-q');
	git('add', '.');
	git('commit', '-qm', 'one');
	write('evil.sh', `#!/bin/sh\ntouch '${join(place, '.git/ran')}'\n`);
	chmodSync(join(place, 'evil.sh'), 0o755);
	for (const key of ['core.fsmonitor', 'gpg.program', 'core.sshCommand', 'diff.external']) git('config', key, join(place, 'evil.sh'));
	git('config', 'log.showSignature', 'true');
	const before = statSync(join(place, '.git/index')).mtimeMs;
	assert.match(text('.') ?? '', /modified/);
	assert.equal(statSync(join(place, '.git/index')).mtimeMs, before);
	assert.equal(readdirSync(join(place, '.git')).includes('ran'), false);
});

test('a filter of the repository is not started: what it would say counts as modified', () => {
	write('course.yaml', 'x');
	write('.gitattributes', '* filter=evil\n');
	git('init', '-q');
	git('add', '.');
	git('commit', '-qm', 'one');
	git('config', 'filter.evil.clean', `touch '${join(place, '.git/ran')}'`);
	// As unpacked from an archive: git would have to compare the content.
	write('course.yaml', 'y');
	assert.match(text('.') ?? '', /^[0-9a-f]{8}, modified$/);
	assert.equal(readdirSync(join(place, '.git')).includes('ran'), false);
});

test('a filter of a repository within it is not started either', () => {
	write('course.yaml', 'x');
	git('init', '-q');
	git('init', '-q', 'part');
	write('part/.gitattributes', '* filter=evil\n');
	write('part/data', 'x');
	git('-C', 'part', 'add', '.');
	git('-C', 'part', 'commit', '-qm', 'one');
	git('add', '.');
	git('commit', '-qm', 'one');
	git('-C', 'part', 'config', 'filter.evil.clean', `touch '${join(place, '.git/ran')}'; cat`);
	write('part/data', 'y');
	assert.match(text('.') ?? '', /^[0-9a-f]{8}/);
	assert.equal(readdirSync(join(place, '.git')).includes('ran'), false);
	git('-C', 'part', '-c', 'filter.evil.clean=cat', 'commit', '-qam', 'two');
	assert.match(text('.') ?? '', /^[0-9a-f]{8}, modified$/, 'another commit of it is told all the same');
});

test('brought without its repository, a course still knows its commit; a spoilt note is no harm', () => {
	write('a/course.yaml', 'x');
	write(`a/${versionFile}`, '{"commit":"3f2a9c1d","modified":false}');
	cpSync(join(place, 'a'), join(place, 'c'), { recursive: true });
	assert.equal(text('c', '1.0.0'), '1.0.0 (3f2a9c1d)');
	write(`c/${versionFile}`, '{"commit":"<script>"}');
	assert.equal(text('c', '1.0.0'), '1.0.0');
});
