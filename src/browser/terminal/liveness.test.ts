import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Liveness } from './liveness.ts';

test('a terminal that is opened again waits anew for the silence of its shell', (t) => {
	t.mock.timers.enable({ apis: ['setTimeout'] });
	let told = 0;
	const liveness = new Liveness(() => told++);
	liveness.opening();
	liveness.begin();
	t.mock.timers.tick(1500);
	// The connection was lost and is back.
	liveness.close();
	liveness.opening();
	liveness.begin();
	t.mock.timers.tick(1500);
	assert.deepEqual([liveness.silent, told], [false, 0]);
	t.mock.timers.tick(500);
	assert.deepEqual([liveness.silent, told], [true, 1]);
	liveness.opening();
	assert.equal(liveness.silent, false);
	liveness.begin();
	liveness.close();
	t.mock.timers.tick(10_000);
	assert.deepEqual([liveness.silent, told], [false, 1]);
});

test('what is typed before it is live waits, through a replay that begins anew; not through a lost connection', () => {
	const liveness = new Liveness(() => {});
	liveness.keep('lost');
	liveness.opening();
	liveness.keep('l');
	liveness.opening();
	liveness.keep('s');
	assert.equal(liveness.begin(), 'ls');
	liveness.opening();
	liveness.keep('x');
	liveness.close();
	// Its last words are drawn after the connection was lost.
	assert.equal(liveness.begin(), '');
	assert.equal(liveness.live, false);
	liveness.opening();
	assert.equal(liveness.begin(), '');
	liveness.close();
});
