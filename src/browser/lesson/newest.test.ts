import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Newest } from './newest.ts';

test('an answer counts unless something was told after its question, whatever the order in which answers come', () => {
	const newest = new Newest();
	const first = newest.asked();
	assert.equal(first('sandbox'), true);
	const slow = newest.asked();
	newest.told('sandbox');
	assert.equal(slow('sandbox'), false, 'told meanwhile');
	assert.equal(slow('step:one'), true, 'of another thing nothing was told');
	const older = newest.asked();
	const newer = newest.asked();
	assert.equal(newer('sandbox'), true);
	assert.equal(older('sandbox'), false, 'the later question has been answered already');
	assert.equal(newest.asked()('sandbox'), true);
	const [early, late] = [newest.asked(), newest.asked()];
	assert.equal(early('sandbox'), true);
	assert.equal(late('sandbox'), true, 'asked later than what came first');
});

test('of two questions for one thing the later answer stays, and what was told meanwhile', async () => {
	const newest = new Newest();
	const taken: string[] = [];
	const ask = (answer: string, delay: Promise<void>) =>
		newest.take(
			'room',
			() => delay.then(() => answer),
			(one) => taken.push(one),
		);
	const { promise: slow, resolve: release } = Promise.withResolvers<void>();
	const older = ask('older', slow);
	await ask('newer', Promise.resolve());
	release();
	await older;
	assert.deepEqual(taken, ['newer']);
	const { promise: late, resolve: come } = Promise.withResolvers<void>();
	const asked = ask('asked before', late);
	newest.told('room');
	come();
	await asked;
	await ask('last', Promise.resolve());
	assert.deepEqual(taken, ['newer', 'last']);
	await assert.rejects(ask('none', Promise.reject(new Error('refused'))), /refused/);
});
