import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import { askControl, askErase, type ControlStatus, type EraseRequest, listenControl, type PoolRequest } from './control.ts';
import { nextTime, statusText } from './words.ts';

const status: ControlStatus = {
	engine: true,
	capacity: 20,
	queue: 1,
	stuck: 1,
	connections: 2,
	terminals: 3,
	homes: { count: 1, bytes: 2 ** 20, most: 2 ** 32 },
	archives: { bytes: 0, most: 2 ** 31 },
	registry: { bytes: 0.9 * 2 ** 30, most: 2 ** 30 },
	pools: [{ course: 'a', version: '1.2.0 (3f2a9c1d)', ready: 1, wanted: 2 }],
	labs: [
		{ learner: 'learner-000001', course: 'a', phase: 'live', pages: 1, since: 0, ends: 3_600_000 },
		{ learner: 'learner-000002', course: 'a', phase: 'queued', pages: 1 },
	],
};

test('a running server is asked and told by its data folder, and by nobody but its own user', async (t) => {
	// Longer than a socket's address may be.
	const data = join(mkdtempSync(join(tmpdir(), 'etabli-')), 'a'.repeat(100));
	t.after(() => rmSync(join(data, '..'), { recursive: true }));
	await assert.rejects(askControl(data), /No server of .* is running/);
	const orders: PoolRequest[] = [];
	const erased: EraseRequest[] = [];
	const close = await listenControl(data, {
		status: () => status,
		orderPool: (order) => {
			if (order.course !== 'a') throw new Refusal('not-found', `course ${order.course}`);
			orders.push(order);
		},
		async erase(whom) {
			if (!whom.end) throw new Refusal('in-use');
			erased.push(whom);
		},
	});
	assert.equal(statSync(join(data, 'control')).mode & 0o777, 0o700);
	assert.deepEqual(await askControl(data), status);
	assert.deepEqual(await askControl(data, { course: 'a', ready: 5, until: 7 }), status);
	assert.deepEqual(orders, [{ course: 'a', ready: 5, until: 7 }]);
	await assert.rejects(askControl(data, { course: 'b', ready: 5 }), /not-found: course b/);
	await assert.rejects(askControl(data, { course: 'a', ready: 1000 }), /200/);
	await assert.rejects(askErase(data, { learner: 'learner-000001', end: false }), /in-use/);
	await askErase(data, { learner: 'learner-000001', end: true });
	assert.deepEqual(erased, [{ learner: 'learner-000001', end: true }]);
	await close();
	assert.equal(existsSync(join(data, 'control/control.sock')), false);
	await assert.rejects(askControl(data), /No server/);
});

test('the status is a table that a person reads', () => {
	assert.equal(
		statusText(status, 600_000),
		[
			'Engine     answers',
			'Sandboxes  1 of learners, 1 ready ahead, room for 20',
			'Stuck      1 that the engine cannot end, each in its place until it is gone',
			'Queue      1',
			'Pages      2, with 3 terminals',
			'Homes      1 kept, 1.0 MiB of 4.0 GiB',
			'Downloads  0.0 MiB of 2.0 GiB',
			'Registry   921.6 MiB of 1.0 GiB (90 % full)',
			'',
			'course  ready  wanted  version',
			'a       1      2       1.2.0 (3f2a9c1d)',
			'',
			'learner         course  sandbox  pages  for     ends in',
			'learner-000001  a       has one  1      10 min  50 min',
			'learner-000002  a       queued   1',
			'',
		].join('\n'),
	);
});

test('a time of day is the next one', () => {
	const at = (day: number, hours: number, minutes: number) => new Date(2026, 0, day, hours, minutes).getTime();
	assert.equal(nextTime('08:50', at(5, 8, 0)), at(5, 8, 50));
	assert.equal(nextTime('8:50', at(5, 9, 0)), at(6, 8, 50));
	assert.equal(nextTime('25:00', 0), undefined);
});
