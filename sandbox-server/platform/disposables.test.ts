import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Disposables } from './disposables.ts';

test('everything ends once, the latest first, also when one of them fails', async () => {
	const owner = new Disposables();
	const ended: string[] = [];
	owner.add(() => ended.push('first'));
	owner.add(() => {
		throw new Error('stuck');
	});
	owner.add(async () => ended.push('last'));
	await assert.rejects(owner.dispose(), /stuck/);
	await owner.dispose();
	assert.deepEqual(ended, ['last', 'first']);
});

test('each waits for those that began after it; several failures are told together', async () => {
	const owner = new Disposables();
	const said: string[] = [];
	owner.add(() => said.push('store'));
	for (const name of ['engine', 'server']) {
		owner.add(async () => {
			await Promise.resolve();
			said.push(name);
			throw new Error(`${name} is stuck`);
		});
	}
	await assert.rejects(owner.dispose(), { name: 'AggregateError', message: 'Error: server is stuck; Error: engine is stuck' });
	assert.deepEqual(said, ['server', 'engine', 'store']);
});

test('what is added to an owner that has ended, ends at once', async () => {
	const owner = new Disposables();
	await owner.dispose();
	let ended = 0;
	owner.add(() => ended++);
	assert.equal(ended, 1);
});
