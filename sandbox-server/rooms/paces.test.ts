/** Leading a class through its time: what holds by the server's clock, also after a killed server, and everybody's workbenches at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SandboxReport } from '../../src/shared/protocol/api.ts';
import { refused } from '../../tests/fixtures/refused.ts';
import { MemoryLabs, testCourse } from '../http/stand-ins.ts';
import { bareLab } from '../labs/lab.ts';
import { openStore } from '../store/sqlite-store.ts';
import { extendAll, prepareAll } from './benches.ts';
import { Paces } from './paces.ts';
import { RoomService } from './room-service.ts';

const minute = 60_000;
const pull = { lesson: 'first', step: 'pull' };

function held(t: TestContext, path = ':memory:') {
	const store = openStore(path);
	t.after(() => store.close());
	const clock = { now: 1_000_000 };
	const now = () => clock.now;
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now });
	const paces = new Paces({ store, courses: [testCourse], now });
	const draft = { title: 'Jour 1', course: 'apptainer', lessons: ['first'], starts: 0, ends: 180 * minute, expected: 20, names: [] };
	const room = rooms.open(rooms.create(draft).id);
	return { store, clock, rooms, paces, room };
}

test('eyes up goes by itself; a clock runs, gets more time, stays a while when it is over; a gate stays until it is opened', (t) => {
	const { clock, paces, room } = held(t);
	const told: string[] = [];
	paces.subscribe((id) => told.push(id));
	paces.set(room, { attention: { seconds: 30 }, gate: pull }, 'Grace');
	paces.set(room, { clock: { ...pull, minutes: 10 } }, 'Grace');
	assert.deepEqual(paces.of(room), {
		attention: { by: 'Grace', until: 1_030_000 },
		gate: pull,
		clock: { ...pull, ends: 1_600_000 },
	});
	clock.now += 30_000;
	assert.equal(paces.of(room).attention, undefined, 'it takes itself away');
	assert.equal(paces.set(room, { clock: { more: 5 } }, 'Grace').clock?.ends, 1_900_000);
	clock.now = 1_900_000 + minute;
	assert.equal(paces.of(room).clock?.ends, 1_900_000, 'that it is over is seen');
	assert.equal(paces.set(room, { clock: { more: 1 } }, 'Grace').clock?.ends, clock.now + minute, 'more time after the end runs from now');
	clock.now += 6 * minute;
	assert.deepEqual(paces.of(room), { gate: pull });
	assert.equal(
		refused(() => paces.set(room, { clock: { more: 1 } }, 'Grace')),
		'not-found',
	);
	assert.deepEqual(paces.set(room, { gate: null, clock: null, attention: null }, 'Grace'), {});
	assert.equal(told.length, 5);
});

test('a step that is not the room’s is no gate; a room that is not open has no pace', (t) => {
	const { rooms, paces, room } = held(t);
	for (const at of [
		{ lesson: 'first', step: 'none' },
		{ lesson: 'second', step: 'pull' },
	])
		assert.equal(
			refused(() => paces.set(room, { gate: at }, 'Grace')),
			'not-found',
		);
	paces.set(room, { gate: pull, clock: { ...pull, minutes: 10 } }, 'Grace');
	assert.deepEqual(paces.of(rooms.edit(room.id, { lessons: ['second'] })), {}, 'nor is one that was the room’s');
	assert.deepEqual(paces.of(rooms.edit(room.id, { lessons: ['first'] })).gate, pull);
	const closed = rooms.close(room.id);
	assert.deepEqual(paces.of(closed), {});
	assert.deepEqual(paces.of({ ...closed, state: 'open' }), {}, 'nor does it come back');
	assert.equal(
		refused(() => paces.set(closed, { gate: null }, 'Grace')),
		'room-closed',
	);
});

test('clocks run on while the server is down, and go with the room', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-paces-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'store.sqlite');
	const { paces, room } = held(t, path);
	const before = paces.set(room, { attention: { seconds: 60 }, gate: pull, clock: { ...pull, minutes: 10 } }, 'Grace');
	const store = openStore(path);
	t.after(() => store.close());
	const again = new Paces({ store, courses: [testCourse], now: () => 1_030_000 });
	assert.deepEqual(again.of(room), before);
	store.rooms.removeRoom(room.id);
	assert.deepEqual(again.of(room), {});
});

test('everybody’s workbench is prepared or extended at once, each as its course allows', (t) => {
	const { store, rooms, room } = held(t);
	const [ada, emmy, mary] = ['Ada', 'Emmy', 'Mary'].map((name) => {
		const owner = store.people.createLearner();
		rooms.join(owner, { code: room.code ?? '', name });
		return bareLab({ owner, course: testCourse });
	});
	assert.ok(ada && emmy && mary);
	const others = new Map<string, SandboxReport['state']>();
	const from: (string | undefined)[] = [];
	class Labs extends MemoryLabs {
		override report(lab: Parameters<MemoryLabs['report']>[0]): SandboxReport {
			const state = others.get(lab.id);
			return state ? { state } : super.report(lab);
		}
		override start(lab: Parameters<MemoryLabs['start']>[0], address?: string): void {
			from.push(address);
			super.start(lab);
		}
		override extend(lab: Parameters<MemoryLabs['extend']>[0]): void {
			// It lasts as long as it may already.
			if (lab.id === emmy?.id) this.running.delete(lab.id);
			super.extend(lab);
		}
	}
	const labs = new Labs();
	labs.start(ada);
	const deps = { store, courses: [testCourse], labs };
	assert.deepEqual(extendAll(room, deps), { extended: 1, spent: 0, coming: 0, without: 2 });
	from.length = 0;
	assert.deepEqual(prepareAll(room, deps), { asked: 2, had: 1, stopping: 0, refused: 0 });
	assert.equal(new Set(from).size, 2, 'nobody of the class waits behind the others as if they came from one address');
	assert.deepEqual(extendAll(room, deps), { extended: 2, spent: 1, coming: 0, without: 0 });
	others.set(ada.id, 'queued').set(mary.id, 'stopping');
	assert.deepEqual(prepareAll(room, deps), { asked: 1, had: 1, stopping: 1, refused: 0 });
	assert.deepEqual(extendAll(room, deps), { extended: 0, spent: 1, coming: 1, without: 1 });
	others.set(ada.id, 'unavailable');
	assert.equal(
		refused(() => prepareAll(room, deps)),
		'engine-away',
	);
	assert.equal(
		refused(() => prepareAll({ ...room, course: 'gone' }, deps)),
		'not-found',
	);
	const closed = rooms.close(room.id);
	for (const all of [extendAll, prepareAll])
		assert.equal(
			refused(() => all(closed, deps)),
			'room-closed',
		);
});
