import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FrozenNote } from './frozen-note.ts';

const [stop, go] = [Uint8Array.of(0x13), Uint8Array.of(0x11)];

function noted(t: TestContext) {
	t.mock.timers.enable({ apis: ['setTimeout'] });
	let now = 10_000;
	t.mock.method(performance, 'now', () => now);
	const told: boolean[] = [];
	const note = new FrozenNote((frozen) => told.push(frozen));
	const pass = (ms: number) => {
		now += ms;
		t.mock.timers.tick(ms);
	};
	return { note, told, pass };
}

test('nothing comes after Ctrl+S: the output is frozen, until Ctrl+Q', (t) => {
	const { note, told, pass } = noted(t);
	note.typed(stop);
	pass(599);
	assert.deepEqual(told, []);
	pass(1);
	assert.deepEqual(told, [true]);
	note.typed(go);
	assert.deepEqual(told, [true, false]);
});

test('a program that answers Ctrl+S took it for itself', (t) => {
	const { note, told, pass } = noted(t);
	note.output();
	pass(1000);
	note.typed(stop);
	pass(100);
	note.output();
	pass(5000);
	assert.deepEqual(told, []);
});

test('what was on its way when a flood was stopped is no answer', (t) => {
	const { note, told, pass } = noted(t);
	note.output();
	pass(20);
	note.typed(stop);
	for (let piece = 0; piece < 10; piece++) {
		pass(100);
		note.output();
	}
	assert.deepEqual(told, []);
	pass(600);
	assert.deepEqual(told, [true]);
	note.output();
	assert.deepEqual(told, [true, false]);
});
