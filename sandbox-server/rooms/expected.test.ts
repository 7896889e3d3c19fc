/** Workbenches that are made ahead for the people of rooms. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { schedule } from '../labs/schedule.ts';
import { openStore } from '../store/sqlite-store.ts';
import { aheadMs, Expected, lateMs } from './expected.ts';
import { RoomService } from './room-service.ts';

const hour = 3600_000;
const starts = 20 * hour;
const course = 'apptainer';

/** A server with a room that is planned for 30 people. */
function planned(t: TestContext) {
	const store = openStore(':memory:');
	t.after(() => store.close());
	const clock = { now: 10 * hour };
	const now = () => clock.now;
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now });
	const trainer = rooms.enter(rooms.invite({ role: 'trainer', name: 'Grace' }).secret, undefined);
	const draft = { title: 'Jour 1', course, lessons: [], starts, ends: starts + 3 * hour, expected: 30, names: [] };
	const plan = (more: object = {}) => rooms.create({ ...draft, ...more }, { learner: trainer, name: 'Grace' });
	const expected = new Expected({ store, now });
	const at = (ms: number) => {
		clock.now = ms;
		return expected.of(course);
	};
	const join = (code: string | undefined, name: string) => {
		const learner = store.people.createLearner();
		rooms.join(learner, { code: code ?? '', name });
		return learner.id;
	};
	const sandbox = (name: string) =>
		store.putSandbox({ name, course, learner: undefined, state: 'ready', created: clock.now, claimed: undefined, seen: clock.now });
	return { store, rooms, plan, expected, at, join, sandbox, now };
}

test('an open room’s people are expected from before its hour until a while after, and never once it is closed', (t) => {
	const { rooms, plan, expected, at } = planned(t);
	const room = rooms.open(plan().id);
	assert.deepEqual([at(starts - aheadMs - 1), at(starts - aheadMs + 5000), at(starts), expected.of('other')], [0, 30, 30, 0]);
	rooms.open(plan({ title: 'Another', expected: 5 }).id);
	assert.equal(at(starts + 20_000), 35);
	assert.equal(at(starts + lateMs), 0);
	rooms.close(room.id);
	assert.equal(at(starts + 30_000), 5);
});

test('nobody is expected in a room that is only planned: it may have been forgotten', (t) => {
	const { rooms, plan, at } = planned(t);
	const { id } = plan();
	assert.equal(at(starts), 0);
	rooms.open(id);
	assert.equal(at(starts + 5000), 30);
});

test('who has a workbench of the course has come, and stays so when it ends; who has joined has not', (t) => {
	const { store, rooms, plan, at, join, sandbox, now } = planned(t);
	const { code } = rooms.open(plan().id);
	const [ada, emmy] = ['Ada', 'Emmy'].map((name) => join(code, name));
	assert.equal(at(starts), 30);
	for (const name of ['a', 'b', 'c']) sandbox(name);
	store.claim({ learner: ada ?? '', course }, now());
	assert.equal(at(starts + 1), 29, 'at once');
	store.claim({ learner: emmy ?? '', course }, now());
	store.claim({ learner: store.people.createLearner().id, course }, now());
	assert.equal(at(starts + 2), 28, 'somebody who is not in the room is not one of those who are expected');
	store.removeSandbox('a');
	assert.equal(at(starts + 10_000), 28);
});

test('a class that joins, the day before or just now, ends none of the workbenches that are ready for it', (t) => {
	const { store, rooms, plan, at, join, sandbox, now } = planned(t);
	const { code } = rooms.open(plan().id);
	const class_ = Array.from({ length: 10 }, (_, n) => join(code, `Early ${n}`));
	at(starts - hour);
	for (let n = 0; n < 30; n++) sandbox(`s${String(n).padStart(2, '0')}`);
	const actions = (ms: number) => {
		const wanted = at(ms);
		const ready = store.sandboxes().flatMap(({ name, learner }) => (learner === undefined ? [name] : []));
		const calm = { engine: true, capacity: 100, size: 30, starts: 0, parallelStarts: 3, claiming: false, quiet: true };
		const pools = [{ course, ready, wanted, retryAt: 0 }];
		return schedule({ now: ms, ...calm, waiting: [], pools, refilling: false, givingUp: false });
	};
	assert.deepEqual(actions(starts), [], 'those of the day before');
	for (let n = 0; n < 20; n++) class_.push(join(code, `Late ${n}`));
	assert.deepEqual(actions(starts + 10_000), [], 'all thirty');
	for (const [n, learner] of class_.entries()) {
		store.claim({ learner, course }, now());
		assert.deepEqual(actions(starts + 10_001 + n), [], `${n + 1} have theirs`);
	}
});
