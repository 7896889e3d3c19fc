import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchWarnings, warningsOf } from './patch-floor.ts';

const races = ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'];
const upstream = (version: string) => ({ version, packaged: undefined, fixed: [] });

test('a part with open holes is named in one line, with what to do', () => {
	const old = warningsOf('runc', upstream('1.1.5'));
	assert.equal(old.length, 2);
	assert.match(old[0] ?? '', /^Runtime runc 1\.1\.5: CVE-2024-21626 .*Install runc 1\.1\.12/);
	assert.ok(old.every((line) => !line.includes('\n')));
	assert.match(
		warningsOf('containerd', upstream('1.7.28'))[0] ?? '',
		/^Runtime containerd 1\.7\.28: CVE-2024-25621 .*Install containerd 1\.7\.29 or/,
	);
	for (const version of ['1.7.29', '2.0.7', '2.1.5', '2.2.0', '2.3.1'])
		assert.deepEqual(warningsOf('containerd', upstream(version)), [], version);
	for (const version of ['1.6.39', '2.0.6', '2.1.4']) assert.equal(warningsOf('containerd', upstream(version)).length, 1, version);
});

test('holes in who may use the engine concern only engines where a plugin decides that', () => {
	assert.deepEqual(warningsOf('docker', upstream('20.10.24')), []);
	assert.equal(warningsOf('docker', upstream('20.10.24'), true).length, 2);
	assert.equal(warningsOf('docker', upstream('27.1.1'), true).length, 1);
	assert.deepEqual(warningsOf('docker', upstream('29.3.1'), true), []);
});

test('fixes that a distribution has brought into an older version count', () => {
	const packaged = '1.1.5+ds1-1+deb12u2';
	assert.deepEqual(warningsOf('runc', { version: '1.1.5', packaged, fixed: ['CVE-2024-21626', ...races] }), []);
	assert.match(
		warningsOf('runc', { version: '1.1.5', packaged, fixed: ['CVE-2024-21626'] })[0] ?? '',
		/CVE-2025-31133.*--only-upgrade runc; the package’s changelog must name/,
	);
	const debian = { version: '1.6.20~ds1', packaged: '1.6.20~ds1-1+deb12u3', fixed: ['CVE-2024-25621'] };
	assert.deepEqual(warningsOf('containerd', debian), []);
	assert.match(warningsOf('containerd', { ...debian, fixed: [] })[0] ?? '', /--only-upgrade containerd/);
});

test('nothing is said of an engine elsewhere', async () => {
	assert.deepEqual(await patchWarnings('tcp://engine:2375'), []);
});
