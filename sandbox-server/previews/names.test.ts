import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Addresses } from '../auth/origin.ts';
import { labelOf, newLabel, originOf, placeOf, sourceOf } from './names.ts';

test('a name is one of a kind, and only such a name is a preview’s', () => {
	const names = new Set(Array.from({ length: 1000 }, () => newLabel(65_535)));
	assert.equal(names.size, 1000);
	for (const name of names) {
		assert.equal(labelOf(`${name}.localhost:8080`), name);
		assert.ok(name.length <= 63, 'a label of a host');
	}
	const [name = ''] = names;
	assert.equal(labelOf(`${name.toUpperCase()}.pages.example.org`), name, 'hosts know no capitals');
	for (const host of [
		undefined,
		'',
		'localhost:8080',
		'etabli.example.org',
		`x.${name}.org`,
		`${name}x.org`,
		'p8000-a.localhost',
		`${name}:80`,
	])
		assert.equal(labelOf(host), undefined, host);
});

test('below localhost for this machine’s own browsers, below the operator’s domain for all', () => {
	const at = (host: string | undefined, addresses: Partial<Addresses> = {}) => {
		const place = placeOf({ publicOrigin: undefined, host: '127.0.0.1', ...addresses }, host);
		return place && originOf(place, 'p1-x');
	};
	assert.equal(at('127.0.0.1:8080'), 'http://p1-x.localhost:8080');
	assert.equal(at('localhost:9000'), 'http://p1-x.localhost:9000', 'through a tunnel, another port');
	assert.equal(at('[::1]:8080'), 'http://p1-x.localhost:8080');
	assert.equal(at('localhost'), 'http://p1-x.localhost');
	for (const host of ['192.168.1.5:8080', 'etabli.example.org', 'nonsense host', undefined]) assert.equal(at(host), undefined, host);
	assert.equal(at('any', { publicOrigin: 'http://localhost:8080' }), 'http://p1-x.localhost:8080');
	assert.equal(at('localhost:8080', { publicOrigin: 'https://etabli.example.org' }), undefined);
	const previews = 'https://*.pages.example.org';
	assert.equal(at('192.168.1.5', { previews, publicOrigin: 'https://etabli.example.org' }), 'https://p1-x.pages.example.org');
	assert.equal(
		sourceOf(placeOf({ previews: 'http://*.pages.lan:8080', publicOrigin: undefined, host: '0.0.0.0' }, 'x')),
		'http://*.pages.lan:8080',
	);
	assert.equal(sourceOf(undefined), undefined);
});
