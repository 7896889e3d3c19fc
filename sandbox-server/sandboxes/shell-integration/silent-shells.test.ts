import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../tests/fixtures/manual-clock.ts';
import { SilentShells } from './silent-shells.ts';

const enter = new TextEncoder().encode('x = 1\r');

test('Enter with no mark after it sets checks going; a shell that tells needs none of it', async () => {
	const clock = new ManualClock();
	const done: string[] = [];
	const shells = new SilentShells(clock, (lesson) => done.push(lesson));
	let marks = 1;
	const terminal = { name: 'first/1', lesson: 'first', marks: () => marks };
	shells.typed(enter, terminal);
	marks++;
	await clock.advance(10_000);
	assert.deepEqual(done, [], 'the command has told of itself');
	shells.typed(new TextEncoder().encode('abc'), terminal);
	await clock.advance(10_000);
	assert.deepEqual(done, [], 'no Enter');
	shells.typed(enter, terminal);
	await clock.advance(10_000);
	assert.deepEqual(done, ['first']);
});

test('many lines in a row are one round of checks, and the last is not forgotten', async () => {
	const clock = new ManualClock();
	let done = 0;
	const shells = new SilentShells(clock, () => done++);
	const terminal = { name: 'first/1', lesson: 'first', marks: () => 0 };
	for (let line = 0; line < 100; line++) {
		shells.typed(enter, terminal);
		await clock.advance(100);
	}
	await clock.advance(10_000);
	assert.equal(done, 1);
	shells.typed(enter, terminal);
	shells.close();
	await clock.advance(10_000);
	assert.equal(done, 1, 'closed');
});
