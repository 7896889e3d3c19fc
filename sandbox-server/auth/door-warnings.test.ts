import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doorWarnings } from './door-warnings.ts';

test('plain HTTP for other machines is warned of; for this one, and behind a proxy on it, it is not', () => {
	for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
		assert.deepEqual(doorWarnings({ host }), []);
		assert.deepEqual(doorWarnings({ host, publicUrl: 'https://etabli.example.org' }), []);
	}
	for (const host of ['0.0.0.0', '::', '192.0.2.1', 'etabli.example.org']) {
		assert.match(doorWarnings({ host })[0] ?? '', /plain HTTP.*--public-url https/);
		assert.match(doorWarnings({ host, publicUrl: 'http://etabli.example.org' })[0] ?? '', /plain HTTP/);
		assert.match(doorWarnings({ host, publicUrl: 'https://etabli.example.org' })[0] ?? '', /past the proxy/);
	}
});
