import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SerialQueue } from './serial-queue.ts';

test('one after the other, in order, also after one that fails; the first begins at once', async () => {
	const queue = new SerialQueue();
	const said: string[] = [];
	const operation = (name: string, fails = false) =>
		queue.run(async () => {
			said.push(`${name} begins`);
			await new Promise((resolve) => setImmediate(resolve));
			said.push(`${name} ends`);
			if (fails) throw new Error(name);
			return name;
		});
	const first = operation('one');
	assert.deepEqual([said, queue.busy], [['one begins'], true]);
	const results = await Promise.allSettled([first, operation('two', true), operation('three')]);
	assert.deepEqual(said, ['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
	assert.deepEqual(
		results.map(({ status }) => status),
		['fulfilled', 'rejected', 'fulfilled'],
	);
	assert.equal(queue.busy, false);
});

test('whoever has waited for the end of an operation finds the queue free', async () => {
	const queue = new SerialQueue();
	await queue.run(async () => undefined);
	assert.equal(queue.busy, false);
});
