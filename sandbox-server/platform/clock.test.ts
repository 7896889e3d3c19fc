import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ManualClock, settled } from '../../tests/fixtures/manual-clock.ts';
import { every, systemClock } from './clock.ts';

test('a turn that throws or rejects is told of, and the next ones come', async () => {
	const clock = new ManualClock();
	const faults: unknown[] = [];
	let turns = 0;
	const stop = every({
		clock,
		ms: 10,
		action: () => {
			turns++;
			if (turns === 1) throw new Error('thrown');
			return turns === 2 ? Promise.reject(new Error('rejected')) : undefined;
		},
		onFault: (error) => faults.push((error as Error).message),
	});
	await clock.advance(45);
	assert.deepEqual([turns, faults], [4, ['thrown', 'rejected']]);
	stop();
	assert.equal(clock.pending, 0);
	await clock.advance(100);
	assert.equal(turns, 4);
});

test('a turn that takes time is not overtaken by the next', async () => {
	const clock = new ManualClock();
	let begun = 0;
	let end = () => {};
	const action = () => {
		begun++;
		return new Promise<void>((resolve) => {
			end = resolve;
		});
	};
	const stop = every({ clock, ms: 10, action });
	await clock.advance(100);
	assert.equal(begun, 1);
	end();
	await settled();
	await clock.advance(10);
	assert.equal(begun, 2);
	stop();
	end();
	await clock.advance(100);
	assert.deepEqual([begun, clock.pending], [2, 0]);
});

test('a timer of the machine whose action throws is a warning, and the process goes on', async () => {
	const warned = once(process, 'warning');
	systemClock.after(1, () => {
		throw new Error('the disk has gone');
	});
	const [warning] = (await warned) as [Error];
	assert.equal(warning.message, 'the disk has gone');
});
