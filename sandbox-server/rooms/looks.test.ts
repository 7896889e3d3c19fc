/** Looking with leave: two yeses, one click to end it, a log that the learner reads, and nothing that outlives leave. (Over 400 lines: the cases share one fixture, and each stands for itself.) */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { KeptLog } from '../../tests/fixtures/in-process-sandboxes.ts';
import { refused } from '../../tests/fixtures/refused.ts';
import { openStore } from '../store/sqlite-store.ts';
import { Looks } from './looks.ts';
import { RoomService } from './room-service.ts';
import type { Lending } from './shows.ts';

const hour = 3600_000;
const at = { lesson: 'first', terminal: '1' };

function open(t: TestContext, path = ':memory:') {
	const store = openStore(path);
	t.after(() => store.close());
	const clock = { now: 1000 };
	const now = () => clock.now++;
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now });
	const log = new KeptLog();
	/** What is shown to whole rooms, by learners' ids; `replaced` is another show in its place. */
	const shown = new Map<string, () => void>();
	const lend = (_: unknown, { owner, ended }: Lending) => {
		shown.set(owner.id, ended);
		return () => void shown.delete(owner.id);
	};
	const looks = new Looks({ store, shows: { lend }, now, log });
	return { store, rooms, looks, clock, log, shown };
}

function held(t: TestContext, path?: string) {
	const world = open(t, path);
	const { store, rooms, looks } = world;
	const trainer = rooms.enter(rooms.invite({ role: 'trainer', name: 'Grace' }).secret, undefined);
	const draft = { title: 'Jour 1', course: 'apptainer', lessons: [], starts: 0, ends: hour, expected: 20, names: [] };
	const room = rooms.open(rooms.create(draft, { learner: trainer, name: 'Grace' }).id);
	const ada = store.people.createLearner();
	rooms.join(ada, { code: room.code ?? '', name: 'Ada' });
	const grace = store.rooms.person(room.id, trainer.id);
	assert.ok(grace);
	const ask = (all = false) => looks.ask(room, grace, { learner: ada.name, ...at, all });
	const phases = () => looks.mine(ada.id).map(({ phase }) => phase);
	return { ...world, room, ada, grace, trainer, ask, phases };
}

test('looking needs a yes, typing a second one; each is taken back by itself, and both by one click', (t) => {
	const { looks, room, ada, grace, ask, phases } = held(t);
	const look = ask();
	const said: string[] = [];
	look.told = ({ phase, hands }) => said.push(`${phase} ${hands}`);
	assert.deepEqual(phases(), ['asked']);
	assert.equal(
		refused(() => looks.mayLook(look)),
		'forbidden',
		'nothing is shown before the yes',
	);
	looks.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' });
	looks.mayLook(look);
	assert.equal(
		refused(() => looks.guestTypes(look)),
		'forbidden',
	);
	looks.askTyping(room.id, look.id, grace.learner);
	looks.mayLook(look);
	assert.equal(
		refused(() => looks.guestTypes(look)),
		'forbidden',
		'nothing is typed before the second',
	);
	looks.answer(room.id, look.id, ada.id, { yes: true, to: 'typing-asked' });
	looks.guestTypes(look);
	looks.guestTypes(look);
	looks.ownerTypes(ada.id);
	looks.guestTypes(look);
	looks.answer(room.id, look.id, ada.id, { yes: false, to: 'typing' });
	assert.equal(
		refused(() => looks.guestTypes(look)),
		'forbidden',
	);
	looks.mayLook(look);
	looks.stop(room.id, look.id, ada.id);
	looks.stop(room.id, look.id, ada.id);
	assert.equal(
		refused(() => looks.mayLook(look)),
		'forbidden',
	);
	assert.deepEqual(phases(), []);
	assert.deepEqual(said, [
		'looking own',
		'typing-asked own',
		'typing own',
		'typing guest',
		'typing own',
		'typing guest',
		'looking own',
		'ended own',
	]);
	assert.deepEqual(
		looks.log(room.id, ada.id).map(({ by, what }) => `${by} ${what}`),
		['asked', 'looking', 'typing-asked', 'typing', 'typing-ended', 'ended'].map((what) => `Grace ${what}`),
	);
});

test('a no is a no; nobody answers for somebody else, or asks through another room', (t) => {
	const { looks, rooms, store, room, ada, grace, ask, phases } = held(t);
	const look = ask();
	const eve = store.people.createLearner();
	const { id: other } = rooms.open(
		rooms.create({ title: 'b', course: 'apptainer', lessons: [], starts: 0, ends: 1, expected: 1, names: [] }).id,
	);
	assert.equal(
		refused(() => looks.answer(room.id, look.id, eve.id, { yes: true, to: 'asked' })),
		'not-found',
	);
	assert.equal(
		refused(() => looks.answer(room.id, look.id, grace.learner, { yes: true, to: 'asked' })),
		'not-found',
		'not who looks either',
	);
	assert.equal(
		refused(() => looks.answer(other, look.id, ada.id, { yes: true, to: 'asked' })),
		'not-found',
	);
	assert.equal(
		refused(() => looks.askTyping(room.id, look.id, eve.id)),
		'not-found',
	);
	assert.equal(
		refused(() => looks.stop(room.id, look.id, eve.id)),
		'not-found',
	);
	assert.equal(
		refused(() => looks.ask(rooms.room(other), grace, { learner: ada.name, ...at })),
		'not-found',
		'she is not in that room',
	);
	looks.answer(room.id, look.id, ada.id, { yes: false, to: 'asked' });
	assert.deepEqual([phases(), looks.log(room.id, ada.id).at(-1)?.what], [[], 'refused']);
	assert.equal(
		refused(() => looks.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' })),
		'not-found',
		'a yes that comes after the no',
	);
});

test('a helper may ask only whoever has their hand up', (t) => {
	const { looks, rooms, store, room, ada } = held(t);
	const alan = rooms.enter(rooms.invite({ role: 'helper', room: room.id, name: 'Alan' }).secret, undefined);
	const helper = store.rooms.person(room.id, alan.id);
	assert.ok(helper);
	const ask = () => looks.ask(room, helper, { learner: ada.name, ...at });
	assert.equal(refused(ask), 'forbidden');
	const hand = { id: '0123456789ab', room: room.id, learner: ada.id, lesson: 'first', step: 'pull', since: 1 };
	store.hands.put({ ...hand, line: undefined, verdict: undefined, command: undefined, takenBy: undefined, looks: false });
	const look = ask();
	looks.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' });
	looks.sweep();
	assert.equal(look.phase, 'looking');
	store.hands.remove(room.id, hand.id);
	looks.sweep();
	assert.equal(look.phase, 'ended', 'help is not asked for any more');
});

for (const [what, happen] of [
	['the room is closed', ({ rooms, room }: World) => rooms.close(room.id)],
	['the room is erased', ({ rooms, room }: World) => rooms.erase(room.id)],
	['the learner leaves', ({ rooms, room, ada }: World) => rooms.leave(room.id, ada)],
	['the room is given another course', ({ rooms, room }: World) => rooms.edit(room.id, { course: 'slurm' })],
	['the trainer leaves', ({ rooms, room, trainer }: World) => rooms.leave(room.id, trainer)],
	['the learner’s pages are closed', ({ looks, ada }: World) => looks.pagesClosed({ learner: ada.id, course: 'apptainer' }, 'first')],
	['the page that looks is gone', ({ looks }: World, id: string) => looks.end(id)],
] as const) {
	test(`it ends when ${what}`, (t) => {
		const world = held(t);
		const { looks, room, ada, grace, ask } = world;
		const look = ask();
		looks.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' });
		looks.askTyping(room.id, look.id, grace.learner);
		looks.answer(room.id, look.id, ada.id, { yes: true, to: 'typing-asked' });
		looks.guestTypes(look);
		happen(world, look.id);
		looks.sweep();
		assert.equal(look.phase, 'ended');
		assert.equal(looks.log(room.id, ada.id).at(-1)?.what ?? 'ended', 'ended');
		for (const act of [() => looks.mayLook(look), () => looks.guestTypes(look)]) assert.equal(refused(act), 'forbidden');
	});
}
type World = ReturnType<typeof held>;

test('after a server was killed nobody looks at anybody, and the log says that it has ended', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-looks-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'store.sqlite');
	const before = held(t, path);
	const look = before.ask();
	before.looks.answer(before.room.id, look.id, before.ada.id, { yes: true, to: 'asked' });
	const waiting = before.store.people.createLearner();
	before.rooms.join(waiting, { code: before.room.code ?? '', name: 'Emmy' });
	before.looks.ask(before.room, before.grace, { learner: waiting.name, ...at });
	const hand = { id: '0123456789ab', room: before.room.id, learner: before.ada.id, lesson: 'first', step: 'pull', since: 1, looks: true };
	before.store.hands.put({ ...hand, line: undefined, verdict: undefined, command: undefined, takenBy: undefined });
	const after = open(t, path);
	assert.deepEqual(
		after.store.hands.of(before.room.id).map(({ id, looks }) => [id, looks]),
		[[hand.id, false]],
		'the hand is up, and no leave',
	);
	assert.equal(
		refused(() => after.looks.mayLook(look)),
		'forbidden',
	);
	assert.deepEqual(after.looks.mine(before.ada.id), []);
	assert.deepEqual(
		after.looks.log(before.room.id, before.ada.id).map(({ what }) => what),
		['asked', 'looking', 'ended'],
	);
	assert.deepEqual(
		after.looks.log(before.room.id, waiting.id).map(({ what }) => what),
		['asked', 'withdrawn'],
	);
});

test('a yes answers the question that the page showed, and none that came after it', (t) => {
	const { looks, room, ada, grace, ask, phases } = held(t);
	const { id } = ask();
	const yes = () => looks.answer(room.id, id, ada.id, { yes: true, to: 'asked' });
	yes();
	assert.equal(refused(yes), 'look-changed', 'a double click');
	looks.askTyping(room.id, id, grace.learner);
	assert.equal(refused(yes), 'look-changed', 'a page that was behind');
	assert.deepEqual(phases(), ['typing-asked']);
});

test('who was told no asks the same again after a minute; each no, and a question taken back, is written down as what it was', (t) => {
	const { looks, room, ada, grace, ask, clock } = held(t);
	const first = ask();
	looks.answer(room.id, first.id, ada.id, { yes: false, to: 'asked' });
	assert.equal(refused(ask), 'too-many');
	clock.now += 60_000;
	looks.end(ask().id);
	const { id } = ask();
	looks.answer(room.id, id, ada.id, { yes: true, to: 'asked' });
	const askTyping = () => looks.askTyping(room.id, id, grace.learner);
	askTyping();
	looks.answer(room.id, id, ada.id, { yes: false, to: 'typing-asked' });
	assert.equal(refused(askTyping), 'too-many');
	clock.now += 60_000;
	assert.equal(refused(askTyping), 'done');
	assert.deepEqual(
		looks.log(room.id, ada.id).map(({ what }) => what),
		['asked', 'refused', 'asked', 'withdrawn', 'asked', 'looking', 'typing-asked', 'typing-refused', 'typing-asked'],
	);
});

test('a question that nobody waits for the answer of is taken back after half a minute', (t) => {
	const { looks, ask, clock, phases } = held(t);
	const waited = ask();
	waited.told = () => undefined;
	clock.now += 31_000;
	looks.sweep();
	assert.deepEqual(phases(), ['asked'], 'its page is there');
	waited.told = undefined;
	looks.sweep();
	assert.deepEqual(phases(), []);
});

test('on a full disk every look ends without a fault, more than before is not allowed, and the server says so', (t) => {
	const { looks, store, room, ada, grace, ask, log, phases } = held(t);
	const look = ask();
	looks.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' });
	const told: string[] = [];
	look.told = ({ phase }) => told.push(phase);
	t.mock.method(store.looks, 'add', () => {
		throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
	});
	looks.pagesClosed({ learner: ada.id, course: 'apptainer' }, 'first');
	assert.deepEqual([told, phases()], [['ended'], []]);
	assert.match(log.lines.join(), /could not be written down.*disk is full/);
	assert.throws(ask, /disk is full/);
	assert.deepEqual(phases(), []);
	t.mock.restoreAll();
	const { id } = ask();
	looks.answer(room.id, id, ada.id, { yes: true, to: 'asked' });
	looks.askTyping(room.id, id, grace.learner);
	t.mock.method(store.looks, 'add', () => {
		throw new Error('database or disk is full');
	});
	assert.throws(() => looks.answer(room.id, id, ada.id, { yes: true, to: 'typing-asked' }), /disk is full/);
	assert.deepEqual(phases(), [], 'what is not written down is not looked at');
});

test('the newest 500 things of one person are kept', (t) => {
	const { store, room, ada } = held(t);
	for (let at = 0; at < 510; at++) store.looks.add({ room: room.id, learner: ada.id, look: `${at}`, at, by: 'Grace', what: 'ended' });
	const kept = store.looks.of(room.id, ada.id);
	assert.deepEqual([kept.length, kept[0]?.at, kept.at(-1)?.at], [500, 10, 509]);
});

test('where the room is set so, a hand is leave to look for whoever was told; typing still asks, one click takes the leave back', (t) => {
	const { store, rooms, looks, room, ada, grace, phases } = held(t);
	const hand = { id: '0123456789ab', room: room.id, learner: ada.id, lesson: 'first', step: 'pull', since: 1 };
	const raise = (told: boolean) =>
		store.hands.put({ ...hand, line: undefined, verdict: undefined, command: undefined, takenBy: undefined, looks: told });
	const ask = () => looks.ask(rooms.room(room.id), grace, { learner: ada.name, ...at });
	const ends = () => {
		looks.end(ask().id);
		return looks.log(room.id, ada.id).at(-1)?.what;
	};
	raise(true);
	assert.equal(ends(), 'withdrawn', 'the room is not set so');
	rooms.edit(room.id, { handLooks: true });
	assert.equal(ends(), 'ended', 'looked at once');
	raise(false);
	assert.equal(ends(), 'withdrawn', 'her page had not said so');
	raise(true);
	const look = ask();
	looks.mayLook(look);
	assert.equal(
		refused(() => looks.guestTypes(look)),
		'forbidden',
	);
	looks.stop(room.id, look.id, ada.id);
	const { id } = ask();
	assert.deepEqual(phases(), ['asked'], 'she has ended it: from now on she is asked');
	looks.end(id);
	raise(true);
	const again = ask();
	rooms.edit(room.id, { handLooks: false });
	looks.sweep();
	assert.equal(again.phase, 'ended', 'the room is not set so any more');
	rooms.edit(room.id, { handLooks: true });
	assert.equal(ends(), 'withdrawn', 'set so again, it is no leave of those whose hands were up');
	raise(true);
	rooms.close(room.id);
	rooms.open(room.id);
	assert.equal(ends(), 'withdrawn', 'the room was closed meanwhile');
	raise(true);
	const last = ask();
	assert.equal(last.phase, 'looking');
	store.hands.remove(room.id, hand.id);
	looks.sweep();
	assert.equal(last.phase, 'ended', 'the hand is down');
});

test('nobody drives what others did out of the log by asking and withdrawing', (t) => {
	const { looks, room, ada, ask, clock } = held(t);
	const loop = () => {
		for (let times = 0; ; times++) {
			if (refused(() => looks.end(ask().id)) === 'looks-often') return times;
		}
	};
	assert.equal(loop(), 12);
	clock.now += hour;
	assert.equal(loop(), 12, 'an hour later');
	assert.equal(looks.log(room.id, ada.id).length, 48);
});

test('a terminal is shown to all after a yes to just that, and until either of them or a trainer ends it', (t) => {
	const { looks, room, ada, ask, phases, shown } = held(t);
	const answer = (id: string, yes: boolean) => looks.answer(room.id, id, ada.id, { yes, to: 'asked' });
	const log = () => looks.log(room.id, ada.id).map(({ what }) => what);
	const one = ask(true);
	assert.deepEqual([phases(), shown.size, looks.mine(ada.id)[0]?.all], [['asked'], 0, true]);
	answer(one.id, true);
	assert.deepEqual([phases(), shown.size, log()], [['looking'], 1, ['asked-for-all', 'shown-to-all']]);
	looks.stop(room.id, one.id, ada.id);
	assert.deepEqual([phases(), shown.size, log().at(-1)], [[], 0, 'ended']);
	const two = ask(true);
	answer(two.id, true);
	shown.get(ada.id)?.();
	assert.deepEqual([phases(), shown.size], [[], 0], 'another terminal is shown in its place, or a trainer has ended it');
	const three = ask(true);
	answer(three.id, false);
	assert.deepEqual([phases(), shown.size, log().at(-1)], [[], 0, 'refused']);
});

test('for all no raised hand is leave, no helper asks, and what cannot be shown is not looked at', (t) => {
	const { looks, rooms, store, room, ada, grace, phases } = held(t);
	const set = { ...room, handLooks: true };
	store.rooms.putRoom(set);
	const hand = { id: 'aaaaaaaaaaaa', room: room.id, learner: ada.id, lesson: 'first', step: 'one', line: undefined, verdict: undefined };
	store.hands.put({ ...hand, command: undefined, since: 1, takenBy: undefined, looks: true });
	looks.ask(set, grace, { learner: ada.name, ...at, all: true });
	assert.deepEqual(phases(), ['asked']);
	const alan = rooms.enter(rooms.invite({ role: 'helper', name: 'Alan', room: room.id }).secret, undefined);
	const helper = store.rooms.person(room.id, alan.id);
	assert.ok(helper);
	assert.equal(
		refused(() => looks.ask(set, helper, { learner: ada.name, ...at, all: true })),
		'forbidden',
	);
	const lend = () => {
		throw new Refusal('no-terminal');
	};
	const others = new Looks({ store, shows: { lend }, now: () => 5000, log: new KeptLog() });
	const look = others.ask(room, grace, { learner: ada.name, ...at, all: true });
	assert.equal(
		refused(() => others.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' })),
		'no-terminal',
	);
	assert.deepEqual(others.mine(ada.id), []);
});
