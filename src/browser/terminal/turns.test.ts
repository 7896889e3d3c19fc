import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { Turns } from './turns.ts';
import { canUnpack, unpacked } from './unpack.ts';

test('what has to wait holds back what comes after it, and nothing else', async () => {
	const done: string[] = [];
	const failed: unknown[] = [];
	const turns = new Turns((error) => failed.push(error));
	turns.take(() => done.push('at once'));
	assert.deepEqual(done, ['at once']);
	const first = Promise.withResolvers<string>();
	const second = Promise.withResolvers<string>();
	turns.wait(first.promise, (text) => done.push(text));
	turns.take(() => done.push('after the first'));
	turns.wait(second.promise, (text) => done.push(text));
	turns.wait(Promise.reject(new Error('torn')), () => done.push('never'));
	turns.take(() => done.push('last'));
	second.resolve('second');
	await second.promise;
	assert.deepEqual(done, ['at once']);
	first.resolve('first');
	for (let turn = 0; turn < 50; turn++) await undefined;
	assert.deepEqual(done, ['at once', 'first', 'after the first', 'second', 'last']);
	assert.match(String(failed), /torn/);
	turns.take(() => done.push('at once again'));
	assert.equal(done.at(-1), 'at once again');
});

test('a packed frame is what it was before', async () => {
	const text = Buffer.from('Été à la mémoire\r\n'.repeat(1000));
	const head = Buffer.alloc(4);
	head.writeUInt32LE(text.length);
	assert.ok(canUnpack());
	assert.deepEqual(Buffer.from(await unpacked(Buffer.concat([head, deflateRawSync(text, { level: 1 })]))), text);
	await assert.rejects(unpacked(Buffer.concat([head, Buffer.from('no such bytes')])), TypeError);
});
