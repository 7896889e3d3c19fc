/** Raised hands: what goes with them, whose turn it is, what the learner's page is told, and what a killed server comes back with. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Refusal, refusalText } from '../../src/shared/protocol/refusals.ts';
import { type MemberState, memberStateSchema } from '../../src/shared/protocol/room-member.ts';
import { KeptLog } from '../../tests/fixtures/in-process-sandboxes.ts';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import { refused } from '../../tests/fixtures/refused.ts';
import { testCourse } from '../http/stand-ins.ts';
import { bareLab } from '../labs/lab.ts';
import type { LearnerRow } from '../store/people.ts';
import { openStore } from '../store/sqlite-store.ts';
import type { Announcement } from './announcements.ts';
import { Attendance } from './attendance.ts';
import { Cards } from './cards.ts';
import { Hands } from './hands.ts';
import { Looks } from './looks.ts';
import { Paces } from './paces.ts';
import { RoomService } from './room-service.ts';
import { Shows } from './shows.ts';

const hour = 3600_000;
const at = { lesson: 'first', step: 'pull', language: 'fr' } as const;

function open(t: TestContext, path = ':memory:') {
	const store = openStore(path);
	t.after(() => store.close());
	const clock = new ManualClock();
	const now = () => clock.now();
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now });
	const steps = { reports: () => [{ lesson: 'first', step: 'pull', state: 'failed' as const, message: 'Il manque `lolcow.sif`.' }] };
	const hands = new Hands({ store, courses: [testCourse], steps, now });
	const speakers = new Set<(announcement: Announcement) => void>();
	const announcements = {
		subscribe(listener: (announcement: Announcement) => void) {
			speakers.add(listener);
			return () => speakers.delete(listener);
		},
	};
	const say = (announcement: Announcement) => {
		for (const listener of speakers) listener(announcement);
	};
	const paces = new Paces({ store, courses: [testCourse], now });
	const cards = new Cards({ store, now });
	const showTerminal = () => {
		throw new Refusal('no-terminal');
	};
	const shows = new Shows({ store, courses: [testCourse], labs: { showTerminal }, now });
	const looks = new Looks({ store, shows, now, log: new KeptLog() });
	const attendance = new Attendance({ store, hands, looks, shows, paces, cards, announcements, clock });
	const wentTo = (owner: LearnerRow, lesson: string, step: string, course = testCourse) =>
		attendance.wentTo(bareLab({ owner, course }), lesson, step);
	const pageOf = (owner: LearnerRow): MemberState | undefined => {
		const state = attendance.stateOf(bareLab({ owner, course: testCourse }));
		return state && memberStateSchema.parse(state);
	};
	return { store, clock, rooms, hands, looks, attendance, pageOf, wentTo, say };
}

function held(t: TestContext, path?: string) {
	const world = open(t, path);
	const { rooms, store, clock } = world;
	const starts = clock.now();
	const draft = { title: 'Jour 1', course: 'apptainer', lessons: [], starts, ends: starts + 3 * hour, expected: 20, names: [] };
	const room = rooms.open(rooms.create(draft).id);
	const come = (name: string) => {
		const learner = store.people.createLearner();
		rooms.join(learner, { code: room.code ?? '', name });
		return learner;
	};
	return { ...world, room, come };
}

test('a hand carries its step, the line, the last verdict and command; who has waited longest comes first', async (t) => {
	const { store, clock, hands, room, come, pageOf } = held(t);
	const [ada, emmy] = [come('Ada'), come('Emmy')];
	store.putSandbox({ name: 's', course: 'apptainer', learner: ada.id, state: 'ready', created: 0, claimed: 0, seen: 0, extended: 0 });
	const command = { sandbox: 's', terminal: 'first/1', exit: 1, folder: '/', ms: 5, offset: 1n };
	store.addCommand({ ...command, at: clock.now(), command: 'apptainer pull\u001b[31m\nlolcow' });
	hands.raise(room, ada, { ...at, line: ' Je suis\u202e perdue \n' });
	await clock.advance(1000);
	hands.raise(room, emmy, at);
	const [first, second] = hands.of(room.id);
	assert.deepEqual(
		[first?.name, first?.learner, first?.lesson, first?.step, first?.line],
		['Ada', ada.name, 'first', 'pull', 'Je suis perdue'],
	);
	assert.deepEqual([first?.verdict, first?.command], ['Il manque `lolcow.sif`.', 'apptainer pull[31m lolcow']);
	assert.deepEqual([second?.name, second?.command], ['Emmy', undefined]);
	assert.deepEqual([pageOf(ada)?.hand?.place, pageOf(emmy)?.hand?.place], [1, 2]);

	await clock.advance(1000);
	hands.raise(room, ada, { ...at, step: 'read', line: 'Autre chose' });
	assert.deepEqual(
		hands.of(room.id).map(({ name, step }) => `${name} ${step}`),
		['Ada read', 'Emmy pull'],
		'saying it anew keeps the place',
	);
	hands.take(room.id, first?.id ?? '', 'Grace');
	assert.equal(pageOf(ada)?.hand?.takenBy, 'Grace');
	assert.equal(pageOf(emmy)?.hand?.place, 1, 'somebody is on the way to who was before');
	hands.lower(room.id, ada.id);
	hands.lower(room.id, ada.id);
	assert.deepEqual([pageOf(ada)?.hand, hands.of(room.id).length], [undefined, 1]);
	hands.close(room.id, second?.id ?? '');
	assert.equal(
		refused(() => hands.close(room.id, second?.id ?? '')),
		'not-found',
	);
});

test('of two who go to the same person at once the second is told of the first, and may insist', (t) => {
	const { hands, room, come, pageOf } = held(t);
	const ada = come('Ada');
	hands.raise(room, ada, at);
	const hand = hands.of(room.id)[0]?.id ?? '';
	hands.take(room.id, hand, 'Alan', null);
	hands.take(room.id, hand, 'Alan', null);
	let told: unknown;
	try {
		hands.take(room.id, hand, 'Grace', null);
	} catch (error) {
		told = error;
	}
	assert.ok(told instanceof Refusal && told.code === 'hand-taken');
	assert.equal(refusalText(told.code, 'en', told.values), 'Alan is on the way already. If you go all the same, press once more.');
	assert.equal(pageOf(ada)?.hand?.takenBy, 'Alan');
	hands.take(room.id, hand, 'Grace', 'Alan');
	assert.equal(pageOf(ada)?.hand?.takenBy, 'Grace');
	hands.take(room.id, hand, 'Joan');
	assert.equal(pageOf(ada)?.hand?.takenBy, 'Joan', 'by a page from before');
});

test('a hand that is leave to look says so to its learner and to those who help, where the room is set so', (t) => {
	const { rooms, hands, room, come, pageOf } = held(t);
	const ada = come('Ada');
	const said = () => [pageOf(ada)?.hand?.looks, hands.of(room.id)[0]?.looks];
	hands.raise(room, ada, { ...at, looks: true });
	assert.deepEqual(said(), [false, false], 'the room is not set so');
	const set = rooms.edit(room.id, { handLooks: true });
	assert.deepEqual(said(), [false, false], 'nor by a setting that came after it');
	hands.raise(set, ada, { ...at, looks: true });
	assert.deepEqual(said(), [true, true]);
	hands.raise(set, ada, at);
	assert.deepEqual(said(), [false, false], 'the page had not said so');
});

test('no hand at an unknown step, in a closed room, of who has left, or of another room', (t) => {
	const { rooms, hands, room, come, pageOf } = held(t);
	const ada = come('Ada');
	assert.equal(
		refused(() => hands.raise(room, ada, { ...at, step: 'none' })),
		'not-found',
	);
	hands.raise(room, ada, at);
	const hand = hands.of(room.id)[0]?.id ?? '';
	assert.equal(
		refused(() => hands.take('000000000000', hand, 'Eve')),
		'not-found',
		'by the helper of another room',
	);
	const closed = rooms.close(room.id);
	assert.equal(pageOf(ada)?.state, 'closed', 'who works on is told');
	assert.equal(hands.of(room.id).length, 1, 'who waits is not forgotten');
	assert.equal(
		refused(() => hands.raise(closed, ada, at)),
		'room-closed',
	);
	rooms.leave(room.id, ada);
	assert.deepEqual([hands.of(room.id), pageOf(ada)], [[], undefined]);
	hands.raise(room, ada, at);
	assert.deepEqual(hands.of(room.id), [], 'it is nowhere');
});

test('a server that was killed comes back with every hand up', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-hands-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'store.sqlite');
	const before = held(t, path);
	const ada = before.come('Ada');
	before.hands.raise(before.room, ada, { ...at, line: 'Au secours' });
	before.hands.take(before.room.id, before.hands.of(before.room.id)[0]?.id ?? '', 'Grace');
	const after = open(t, path);
	assert.deepEqual(after.hands.of(before.room.id), before.hands.of(before.room.id));
	assert.equal(after.pageOf(ada)?.hand?.takenBy, 'Grace');
});

test('pages are told at once, together, of hands, of what trainers say to them, and of the step that the trainer leads to', async (t) => {
	const { clock, store, rooms, hands, attendance, room, come, pageOf, wentTo, say } = held(t);
	const [ada, emmy] = [come('Ada'), come('Emmy')];
	let told = 0;
	const whose: unknown[] = [];
	t.after(attendance.subscribe((learners) => whose.push(learners)));
	t.after(attendance.subscribe(() => told++));
	hands.raise(room, ada, at);
	hands.raise(room, emmy, at);
	await clock.advance(50);
	assert.equal(told, 1);
	assert.deepEqual(whose, [new Set([ada.id, emmy.id])], 'nobody of another room');
	for (let i = 1; i <= 5; i++) say({ room: room.id, learners: new Set([ada.id]), text: `${i}`, from: 'Grace', at: clock.now() });
	await clock.advance(50);
	assert.deepEqual([told, pageOf(ada)?.notes.map(({ text }) => text), pageOf(emmy)?.notes], [2, ['3', '4', '5'], []]);
	await clock.advance(hour);
	assert.deepEqual(pageOf(ada)?.notes, [], 'not for ever');

	const leader = store.rooms.person(room.id, emmy.id);
	assert.ok(leader);
	attendance.lead(room, leader, { lesson: 'first', step: 'read' });
	wentTo(emmy, 'second', 'pull');
	wentTo(ada, 'second', 'read');
	wentTo(emmy, 'second', 'none');
	wentTo(emmy, 'first', 'read', { ...testCourse, slug: 'other' });
	assert.deepEqual(pageOf(ada)?.follow, { by: 'Emmy', lesson: 'second', step: 'pull' }, 'where the one who leads has gone');
	attendance.lead(room, leader, undefined);
	assert.equal(pageOf(ada)?.follow, undefined);

	rooms.edit(room.id, { lessons: ['first'] });
	const own = rooms.room(room.id);
	attendance.lead(own, leader, { lesson: 'first', step: 'read' });
	wentTo(emmy, 'second', 'pull');
	assert.equal(pageOf(ada)?.follow?.lesson, 'first', 'a lesson that is not the room’s is her own');
	assert.equal(
		refused(() => attendance.lead(own, leader, { lesson: 'second', step: 'pull' })),
		'not-found',
	);
	rooms.close(room.id);
	assert.equal(pageOf(ada)?.follow, undefined);
	rooms.open(room.id);
	assert.equal(pageOf(ada)?.follow, undefined, 'a room opened again leads nowhere');
	attendance.lead(own, leader, { lesson: 'first', step: 'read' });
	rooms.leave(room.id, emmy);
	assert.equal(pageOf(ada)?.follow, undefined, 'who leads has left');
});

test('of two open rooms the page shows the one joined last; one that is long over is left, though it was never closed', async (t) => {
	const { rooms, room, clock, attendance, pageOf, come } = held(t);
	const ada = come('Ada');
	const draft = { title: 'Jour 2', course: 'apptainer', lessons: [], expected: 20, names: [] };
	const early = rooms.open(rooms.create({ ...draft, starts: clock.now(), ends: clock.now() + hour }).id);
	await clock.advance(1000);
	rooms.join(ada, { code: early.code ?? '', name: 'Ada' });
	assert.equal(pageOf(ada)?.title, 'Jour 2');
	await clock.advance(13 * hour);
	assert.equal(pageOf(ada)?.id, room.id);
	await clock.advance(3 * hour);
	assert.equal(pageOf(ada), undefined);
	assert.equal(attendance.isMember(bareLab({ owner: ada, course: testCourse })), true, 'so her page is told that it is over');
});

test('a page is told of every look at its learner, whatever room it shows; none goes on of which it is not told', async (t) => {
	const { rooms, room, clock, store, looks, hands, attendance, pageOf, come } = held(t);
	t.after(attendance.subscribe(() => undefined));
	const ada = come('Ada');
	const by = (role: 'trainer' | 'helper', name: string) => {
		const { id } = rooms.enter(rooms.invite({ role, room: room.id, name }).secret, undefined);
		const person = store.rooms.person(room.id, id);
		assert.ok(person);
		return person;
	};
	const lookOf = (person: ReturnType<typeof by>) => {
		const look = looks.ask(room, person, { learner: ada.name, lesson: 'first', terminal: '1' });
		look.told = () => undefined;
		looks.answer(room.id, look.id, ada.id, { yes: true, to: 'asked' });
		return look;
	};
	hands.raise(room, ada, at);
	const [grace, alan] = [lookOf(by('trainer', 'Grace')), lookOf(by('helper', 'Alan'))];
	hands.lower(room.id, ada.id);
	assert.deepEqual([grace.phase, alan.phase], ['looking', 'ended'], 'a helper looks while a hand is up');

	const draft = { title: 'Jour 2', course: 'apptainer', lessons: [], expected: 20, names: [] };
	await clock.advance(1000);
	const later = rooms.open(rooms.create({ ...draft, starts: clock.now(), ends: clock.now() + hour }).id);
	rooms.join(ada, { code: later.code ?? '', name: 'Ada' });
	const state = pageOf(ada);
	assert.deepEqual([state?.title, state?.looks.map((look) => [look.by, look.room])], ['Jour 2', [['Grace', room.id]]]);

	rooms.edit(room.id, { course: 'slurm' });
	await clock.advance(5000);
	assert.deepEqual([grace.phase, pageOf(ada)?.looks], ['ended', []]);
});

test('of hands and looks only those are told whom it concerns, and their hands are read once for all of their pages', async (t) => {
	const { store, room, clock, hands, looks, attendance, pageOf, come, rooms } = held(t);
	const [ada, emmy, mary] = [come('Ada'), come('Emmy'), come('Mary')];
	const told: (string[] | undefined)[] = [];
	t.after(attendance.subscribe((learners) => told.push(learners && [...learners].toSorted())));
	const after = async (act: () => void) => {
		told.length = 0;
		act();
		await clock.advance(100);
		return told;
	};
	const ids = (...people: LearnerRow[]) => [people.map(({ id }) => id).toSorted()];
	assert.deepEqual(await after(() => hands.raise(room, ada, at)), ids(ada));
	assert.deepEqual(await after(() => hands.raise(room, emmy, at)), ids(ada, emmy));
	assert.deepEqual(await after(() => hands.lower(room.id, ada.id)), ids(ada, emmy), 'her place is another');
	const grace = rooms.enter(rooms.invite({ role: 'trainer', room: room.id, name: 'Grace' }).secret, undefined);
	const by = store.rooms.person(room.id, grace.id);
	assert.ok(by);
	assert.deepEqual(await after(() => looks.ask(room, by, { learner: mary.name, lesson: 'first', terminal: '1' })), ids(mary));
	const read = t.mock.method(store.hands, 'of');
	for (const one of [ada, emmy, mary]) pageOf(one);
	assert.equal(read.mock.callCount(), 1);
});
