import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import { Claims } from './claims.ts';

test('new sandboxes wait for the last prompt, and the pool for a moment more; who opens no terminal holds nobody up for long', async () => {
	const clock = new ManualClock();
	const story: string[] = [];
	const claims: Claims = new Claims(clock, () => story.push(claims.quiet ? 'quiet' : 'free'));
	claims.begin('a');
	claims.begin('b');
	claims.end('a');
	assert.deepEqual([claims.underWay, claims.quiet, story], [true, false, []]);
	await clock.advance(1000);
	assert.deepEqual([claims.underWay, claims.quiet, story], [false, false, ['free']]);
	await clock.advance(500);
	claims.begin('c');
	claims.end('c');
	await clock.advance(900);
	assert.deepEqual(story, ['free', 'free']);
	await clock.advance(200);
	assert.deepEqual([claims.quiet, story], [true, ['free', 'free', 'quiet']]);
	claims.end('c');
	assert.equal(story.length, 3);
	claims.begin('d');
	claims.close();
	assert.equal(clock.pending, 0);
});
