import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunQueue } from './run-queue.ts';

function shell() {
	const typed: string[] = [];
	return {
		typed,
		atPrompt: true,
		type(command: string) {
			typed.push(command);
			this.atPrompt = false;
		},
	};
}

test('a command is typed once the one before has ended', () => {
	const it = shell();
	const queue = new RunQueue(it);
	queue.add(['a', 'b', 'c']);
	assert.deepEqual(it.typed, ['a']);
	it.atPrompt = true;
	queue.prompted();
	assert.deepEqual(it.typed, ['a', 'b']);
	assert.equal(queue.left, 1);
});

test('a busy shell gets nothing until its prompt is back, or the learner says so', () => {
	const it = shell();
	it.atPrompt = false;
	const queue = new RunQueue(it);
	queue.add(['a', 'b']);
	assert.deepEqual(it.typed, []);
	queue.typeNext();
	assert.deepEqual(it.typed, ['a']);
	queue.cancel();
	queue.prompted();
	assert.deepEqual(it.typed, ['a']);
});
