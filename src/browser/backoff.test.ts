import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from './backoff.ts';

test('waits grow, stay within 20 s, and differ between browsers', () => {
	assert.equal(backoff(1, 1), 500);
	assert.equal(backoff(2, 1), 1000);
	assert.ok(backoff(3, 0) < backoff(3, 1));
	assert.equal(backoff(50, 1), 20_000);
	assert.equal(backoff(50, 0), 10_000);
	assert.ok(backoff(0, 0) > 0);
});
