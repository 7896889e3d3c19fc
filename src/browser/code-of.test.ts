import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from './code-of.ts';

test('a code is read from behind "#": broken as it stands, and places of the page are none', () => {
	assert.equal(codeOf('#ABCD-2345'), 'ABCD-2345');
	assert.equal(codeOf('#AB%20CD'), 'AB CD');
	assert.equal(codeOf('#50%'), '50%');
	assert.equal(codeOf('#_top'), '', 'the skip link');
	assert.equal(codeOf('#'), '');
	assert.equal(codeOf(''), '');
});
