/** Bounds on a machine that has too much to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowding } from './crowding.ts';

test('what waits for the processors makes bounds longer, within reason', () => {
	const cases: [number, number, number][] = [
		[0, 2, 1],
		[2, 2, 1],
		[2.9, 2, 1],
		[3, 2, 2],
		[19, 8, 2],
		[9, 2, 5],
		[56, 2, 6],
		[Number.NaN, 2, 1],
	];
	for (const [load, processors, factor] of cases) assert.equal(crowding(load, processors), factor, `${load} on ${processors}`);
});
