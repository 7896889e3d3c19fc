import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortName } from './names.ts';

test('what Podman writes before a name is taken away, and nothing else', () => {
	const short = {
		'localhost/etabli-base:1': 'etabli-base:1',
		'docker.io/library/etabli-base:1': 'etabli-base:1',
		'docker.io/etabli-seed/tp/lolcow:1': 'etabli-seed/tp/lolcow:1',
		'etabli-base:1': 'etabli-base:1',
		'localhost:5000/a:1': 'localhost:5000/a:1',
		'ghcr.io/library/a:1': 'ghcr.io/library/a:1',
	};
	for (const [name, wanted] of Object.entries(short)) assert.equal(shortName(name), wanted);
});
