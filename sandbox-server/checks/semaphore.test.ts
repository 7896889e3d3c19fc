import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from './semaphore.ts';

test('no more than the places at once, in order, and a failure frees its place', async () => {
	const semaphore = new Semaphore(2);
	let running = 0;
	let most = 0;
	const order: number[] = [];
	const work = (n: number) =>
		semaphore.run(async () => {
			order.push(n);
			most = Math.max(most, ++running);
			await new Promise((resolve) => setImmediate(resolve));
			running--;
			if (n === 1) throw new Error('one fails');
		});
	const results = await Promise.allSettled([0, 1, 2, 3, 4].map(work));
	assert.equal(most, 2);
	assert.deepEqual(order, [0, 1, 2, 3, 4]);
	assert.deepEqual(
		results.map(({ status }) => status),
		['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
	);
});
