import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowBytes } from '../../src/shared/messages.ts';
import { mostBeyond, Window } from './window.ts';

/** A page that works off `rate` bytes a ms and always has a full window. */
function read(window: Window, clock: { ms: number }, rate: number, ms: number): void {
	for (let passed = 0; passed < ms; passed += 10) {
		clock.ms += 10;
		window.acked(rate * 10, window.size);
	}
}

test('is what the page works off in a tenth of a second, and never less than at first', () => {
	const clock = { ms: 0 };
	const beyond = { bytes: 0 };
	const window = new Window(beyond, () => clock.ms);
	read(window, clock, 1000, 1000);
	assert.equal(window.size, windowBytes, '1 MB/s');
	read(window, clock, 10_000, 1000);
	assert.ok(window.size > 900_000 && window.size < 1_100_000, `10 MB/s: ${window.size}`);
	read(window, clock, 100_000, 1000);
	assert.equal(window.size, 2 * 2 ** 20, 'bounded');
	read(window, clock, 1000, 1000);
	assert.deepEqual([window.size, beyond.bytes], [windowBytes, 0], 'a page that has become slow');
});

test('says nothing of a page that waits for its program', () => {
	const clock = { ms: 0 };
	const window = new Window({ bytes: 0 }, () => clock.ms);
	for (let i = 0; i < 100; i++) {
		clock.ms += 10;
		window.acked(90_000, 90_000);
	}
	assert.equal(window.size, windowBytes);
});

test('all windows of a page together are bounded, and a closed one leaves its part to the others', () => {
	const clock = { ms: 0 };
	const beyond = { bytes: 0 };
	const windows = Array.from({ length: 8 }, () => new Window(beyond, () => clock.ms));
	for (const window of windows) read(window, clock, 100_000, 1000);
	assert.equal(beyond.bytes, mostBeyond);
	assert.equal(
		windows.reduce((sum, { size }) => sum + size, 0),
		8 * windowBytes + mostBeyond,
	);
	for (const window of windows.slice(0, 7)) window.close();
	const last = windows[7] as Window;
	read(last, clock, 100_000, 1000);
	assert.equal(last.size, 2 * 2 ** 20);
});
