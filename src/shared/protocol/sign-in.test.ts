import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalIn } from './sign-in.ts';

test('the page of sign-in says what its ways can end with, and nothing else that an address says', () => {
	for (const code of ['sso-away', 'lti-refused', 'internal', 'server-full', 'not-found', 'too-many'] as const)
		assert.equal(refusalIn(`#${code}`), code);
	for (const hash of ['', '#', '#name-taken', '#sso-', '#lti-nothing', '#constructor', '#call the trainer'])
		assert.equal(refusalIn(hash), undefined, hash);
});
