import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from './en.ts';
import { fill } from './fill.ts';
import { fr } from './fr.ts';

test('both languages have the same strings, none empty, with the same places to fill', () => {
	assert.deepEqual(Object.keys(en).sort(), Object.keys(fr).sort());
	for (const key of Object.keys(fr) as (keyof typeof fr)[]) {
		assert.ok(fr[key].trim() && en[key].trim(), key);
		const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
		assert.deepEqual(places(en[key]), places(fr[key]), key);
	}
});

test('places are filled, unknown ones stay visible', () => {
	assert.equal(fill('{n} of {count}', { n: 0, count: 3 }), '0 of 3');
	assert.equal(fill('{who}?', {}), '{who}?');
});
