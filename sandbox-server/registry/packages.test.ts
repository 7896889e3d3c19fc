import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packagesIn } from './packages.ts';

test('Debian’s list: what is installed, by name; what was removed or is half done is not', () => {
	const status = `Package: tcc
Status: install ok installed
Priority: optional
Version: 0.9.27+git20200814.62c30a4a-2
Depends: libc6 (>= 2.38)
Description: small C compiler
 Version: not a field, but text

Package: libc6
Status: install ok installed
Version: 2.41-12

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: half
Status: install ok half-configured
Version: 1.0

`;
	assert.deepEqual(packagesIn(status), [
		{ name: 'libc6', version: '2.41-12' },
		{ name: 'tcc', version: '0.9.27+git20200814.62c30a4a-2' },
	]);
	// As `dpkg -s` prints it, without a last empty line; and with the line ends of another system.
	assert.deepEqual(packagesIn('Package: a\r\nStatus: install ok installed\r\nVersion: 1\r'), [{ name: 'a', version: '1' }]);
});

test('Alpine’s list; what is none of both; more than anybody reads', () => {
	assert.deepEqual(packagesIn('C:Q1abc=\nP:musl\nV:1.2.5-r9\nA:x86_64\n\nP:busybox\nV:1.37.0-r12\n'), [
		{ name: 'busybox', version: '1.37.0-r12' },
		{ name: 'musl', version: '1.2.5-r9' },
	]);
	assert.deepEqual(packagesIn('no list at all\n\nPackage: without a version\n'), []);
	const many = Array.from({ length: 3000 }, (_, at) => `Package: p${at}\nVersion: ${'1'.repeat(1000)}`).join('\n\n');
	const found = packagesIn(many);
	assert.deepEqual([found.length, found[0]?.version.length], [2000, 100]);
});
