import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import { Pace } from './pace.ts';

const piece = 64 * 1024;

test('what a command prints passes at once; floods share what there is a second, in turns', async () => {
	const clock = new ManualClock();
	const pace = new Pace(clock);
	const given = [0, 0];
	const flood = (who: 0 | 1) =>
		pace.spend(piece, () => {
			given[who] = (given[who] ?? 0) + piece;
			if (clock.now() - begun < 1000) flood(who);
		});
	const begun = clock.now();
	let small = 0;
	for (let i = 0; i < 128; i++) pace.spend(piece, () => small++);
	assert.equal(small, 128, '8 MiB at once');
	flood(0);
	flood(1);
	await clock.advance(1500);
	const [one = 0, other = 0] = given;
	assert.ok(one + other > 75e6 && one + other < 95e6, `${one + other} bytes in a second`);
	assert.ok(Math.abs(one - other) <= 2 * piece, `${one} and ${other}`);
	let after = 0;
	pace.spend(piece, () => after++);
	assert.equal(after, 1, 'and when the floods have ended nobody waits');
});
