import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import { HandOuts } from './hand-outs.ts';

test('new sandboxes wait for the last prompt, and the pool for a moment more; who opens no terminal holds nobody up for long', async () => {
	const clock = new ManualClock();
	const story: string[] = [];
	const handOuts: HandOuts = new HandOuts(clock, () => story.push(handOuts.quiet ? 'quiet' : 'free'));
	handOuts.begin('a');
	handOuts.begin('b');
	handOuts.end('a');
	assert.deepEqual([handOuts.underWay, handOuts.quiet, story], [true, false, []]);
	await clock.advance(1000);
	assert.deepEqual([handOuts.underWay, handOuts.quiet, story], [false, false, ['free']]);
	await clock.advance(500);
	handOuts.begin('c');
	handOuts.end('c');
	await clock.advance(900);
	assert.deepEqual(story, ['free', 'free']);
	await clock.advance(200);
	assert.deepEqual([handOuts.quiet, story], [true, ['free', 'free', 'quiet']]);
	handOuts.end('c');
	assert.equal(story.length, 3);
	handOuts.begin('d');
	handOuts.close();
	assert.equal(clock.pending, 0);
});
