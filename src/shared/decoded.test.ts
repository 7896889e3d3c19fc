import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded } from './decoded.ts';

test('percent-encoded text is read; what is broken is undefined, and no error', () => {
	assert.equal(decoded('une%20image%20%C3%A9tag%C3%A9e'), 'une image étagée');
	assert.equal(decoded('plain'), 'plain');
	assert.equal(decoded(''), '');
	for (const broken of ['50%', '%zz', '%E9', '%C3%28', '%', 'a%2']) assert.equal(decoded(broken), undefined, broken);
});
