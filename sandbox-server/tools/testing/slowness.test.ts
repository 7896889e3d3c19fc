import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureSlowness, patience } from './slowness.ts';

test('bounds grow with what the machine shows, and are never less than on an ordinary one', async () => {
	const factor = await measureSlowness();
	assert.ok(Number.isInteger(factor) && factor >= 1, `${factor}`);
	assert.equal(patience(1000), 1000 * factor);
});
