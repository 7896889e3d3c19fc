import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runtimeWarnings, warningsOf } from './patch-floor.ts';

const races = ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'];

test('a runtime with open holes is named in one line, with what to do', () => {
	const old = warningsOf({ version: '1.1.5', packaged: undefined, fixed: [] });
	assert.equal(old.length, 2);
	assert.match(old[0] ?? '', /^Runtime runc 1\.1\.5: CVE-2024-21626 .*Install runc 1\.1\.12/);
	assert.ok(old.every((line) => !line.includes('\n')));
});

test('fixes that a distribution has brought into an older version count', () => {
	const packaged = '1.1.5+ds1-1+deb12u2';
	assert.deepEqual(warningsOf({ version: '1.1.5', packaged, fixed: ['CVE-2024-21626', ...races] }), []);
	assert.match(warningsOf({ version: '1.1.5', packaged, fixed: ['CVE-2024-21626'] })[0] ?? '', /CVE-2025-31133.*changelog must name/);
});

test('nothing is said of an engine elsewhere, or of one without runc', async () => {
	assert.deepEqual(await runtimeWarnings({ url: 'tcp://engine:2375', runtimes: ['runc'] }), []);
	assert.deepEqual(await runtimeWarnings({ url: 'unix:///run/docker.sock', runtimes: ['crun'] }), []);
});
