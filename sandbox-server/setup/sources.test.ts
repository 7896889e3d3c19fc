import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findMirror, mirrorFromOption, parseOneLine, parseOsRelease, parseParagraphs, readSources } from './sources.ts';

test('one-line sources: options, comments and source packages', () => {
	const text = `# a comment
deb [signed-by=/usr/share/keyrings/k.gpg arch=amd64] http://mirror.example.org/debian/ bookworm main contrib # here
deb-src http://mirror.example.org/debian bookworm main

deb http://security.example.org/debian-security bookworm-security main
`;
	assert.deepEqual(parseOneLine(text), [
		{ uri: 'http://mirror.example.org/debian/', suite: 'bookworm', components: ['main', 'contrib'] },
		{ uri: 'http://security.example.org/debian-security', suite: 'bookworm-security', components: ['main'] },
	]);
});

test('paragraph sources: several suites, continued lines, comments within, switched off', () => {
	const text = `Types: deb deb-src
# an older one
URIs: http://mirror.example.org/debian
Suites: trixie
  trixie-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQENBF

Types: deb
URIs: http://off.example.org/debian
Suites: trixie
Components: main
Enabled: no
`;
	assert.deepEqual(parseParagraphs(text), [
		{ uri: 'http://mirror.example.org/debian', suite: 'trixie', components: ['main'] },
		{ uri: 'http://mirror.example.org/debian', suite: 'trixie-updates', components: ['main'] },
	]);
});

test("the mirror is the machine's own release's, never another publisher's", () => {
	const sources = [
		{ uri: 'https://tools.example.org/node', suite: 'nodistro', components: ['main'] },
		{ uri: 'http://security.example.org/debian-security/', suite: 'bookworm-security', components: ['main'] },
		{ uri: 'http://mirror.example.org/debian/', suite: 'bookworm', components: ['main'] },
	];
	assert.deepEqual(findMirror(sources, 'bookworm'), {
		main: 'http://mirror.example.org/debian',
		security: 'http://security.example.org/debian-security',
	});
	assert.equal(findMirror(sources, 'noble'), undefined);
	assert.equal(findMirror([{ uri: 'cdrom:[Debian]/', suite: 'bookworm', components: ['main'] }], 'bookworm'), undefined);
});

test('an address with anything that a shell would read is no mirror', () => {
	assert.equal(mirrorFromOption('http://x/debian; rm -rf /'), undefined);
	assert.equal(mirrorFromOption('http://x/$(id)'), undefined);
	assert.deepEqual(mirrorFromOption('http://mirror.example.org:3142/debian/'), {
		main: 'http://mirror.example.org:3142/debian',
		security: undefined,
	});
});

test('sources of a machine come from both places; a machine with none has none', (t) => {
	const etc = mkdtempSync(join(tmpdir(), 'etabli-sources-'));
	t.after(() => rmSync(etc, { recursive: true }));
	assert.deepEqual(readSources(etc), []);
	mkdirSync(join(etc, 'sources.list.d'));
	writeFileSync(join(etc, 'sources.list'), 'deb http://a.example.org/debian bookworm main\n');
	writeFileSync(
		join(etc, 'sources.list.d/b.sources'),
		'Types: deb\nURIs: http://b.example.org/debian\nSuites: bookworm\nComponents: main\n',
	);
	writeFileSync(join(etc, 'sources.list.d/old.list.save'), 'deb http://c.example.org/debian bookworm main\n');
	assert.deepEqual(
		readSources(etc).map(({ uri }) => uri),
		['http://a.example.org/debian', 'http://b.example.org/debian'],
	);
});

test('os-release with and without quotes', () => {
	assert.deepEqual(parseOsRelease('ID=debian\nVERSION_CODENAME="trixie"\nNAME=\'Debian GNU/Linux\'\n'), {
		ID: 'debian',
		VERSION_CODENAME: 'trixie',
		NAME: 'Debian GNU/Linux',
	});
});
