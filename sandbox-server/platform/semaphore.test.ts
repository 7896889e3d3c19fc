import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import { Semaphore } from './semaphore.ts';

test('no more than the places at once, in order, and a failure frees its place', async () => {
	const semaphore = new Semaphore({ places: 2 });
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

test('who asks for much has no more than their share, and does not keep others waiting', async () => {
	const semaphore = new Semaphore({ places: 3, share: 2 });
	const order: string[] = [];
	const ends: (() => void)[] = [];
	const hang = (name: string, owner: string) =>
		semaphore.run(() => {
			order.push(name);
			return new Promise<void>((resolve) => ends.push(resolve));
		}, owner);
	const all = [hang('a1', 'a'), hang('a2', 'a'), hang('a3', 'a'), hang('a4', 'a'), hang('b1', 'b'), hang('b2', 'b'), hang('c1', 'c')];
	assert.deepEqual(order, ['a1', 'a2', 'b1'], 'a place is left for somebody else');
	assert.equal(semaphore.waiting('a'), 2);
	const turn = async () => {
		ends.shift()?.();
		await new Promise((resolve) => setImmediate(resolve));
	};
	for (let i = 0; i < all.length; i++) await turn();
	await Promise.all(all);
	assert.deepEqual(order, ['a1', 'a2', 'b1', 'a3', 'b2', 'c1', 'a4'], 'those who wait take turns');
	assert.equal(semaphore.waiting('a'), 0);
});

test('work that hangs gives its place back after a while, and still counts for its owner', async () => {
	const clock = new ManualClock();
	const semaphore = new Semaphore({ places: 2, share: 1, lent: { clock, ms: 1000 } });
	const begun: string[] = [];
	const ends = new Map<string, () => void>();
	const hang = (name: string, owner: string) =>
		semaphore.run(() => {
			begun.push(name);
			return new Promise<void>((resolve) => ends.set(name, resolve));
		}, owner);
	const all = [hang('a1', 'a'), hang('b1', 'b'), hang('a2', 'a'), hang('c1', 'c')];
	await clock.advance(999);
	assert.deepEqual(begun, ['a1', 'b1']);
	await clock.advance(1);
	assert.deepEqual(begun, ['a1', 'b1', 'c1'], 'a and b have had their time; a2 waits for a1');
	for (const name of ['b1', 'c1', 'a1', 'a2']) {
		ends.get(name)?.();
		await clock.advance(0);
	}
	await Promise.all(all);
	assert.deepEqual(begun, ['a1', 'b1', 'c1', 'a2']);
	assert.equal(clock.pending, 0);
	const after = [hang('d1', 'd'), hang('e1', 'e'), hang('f1', 'f')];
	assert.equal(begun.includes('f1'), false, 'there are as many places as before');
	for (const name of ['d1', 'e1', 'f1']) {
		ends.get(name)?.();
		await clock.advance(0);
	}
	await Promise.all(after);
});
