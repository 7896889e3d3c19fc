/** How a class is shown while it works: where people are, what they fail with, who is told what. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Refusal, refusalText } from '../../src/shared/protocol/refusals.ts';
import type { FeedEvent, FeedView, StepMark } from '../../src/shared/protocol/room-feed.ts';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import { testCourse } from '../http/stand-ins.ts';
import { bareLab } from '../labs/lab.ts';
import type { Glance } from '../labs/ports.ts';
import type { LearnerRow } from '../store/people.ts';
import { openStore } from '../store/sqlite-store.ts';
import { Announcements } from './announcements.ts';
import { Cards } from './cards.ts';
import { commandHead, groupCommands, groupSentences } from './grouping.ts';
import { Paces } from './paces.ts';
import { verdictRecorder } from './recorder.ts';
import { type FeedSink, RoomFeeds, type Viewer } from './room-feeds.ts';
import { RoomService } from './room-service.ts';
import { stepAt } from './where.ts';

const silent = { info() {}, warn() {}, error() {}, debug() {} };
const beat = 250;
const hour = 3600_000;

class Sink implements FeedSink {
	full = false;
	ended = false;
	readonly events: FeedEvent[] = [];
	send(event: FeedEvent): void {
		this.events.push(event);
	}
	lives = 0;
	alive(): void {
		this.lives++;
	}
	end(): void {
		this.ended = true;
	}
	get count(): number {
		return this.events.length;
	}
	get last(): FeedEvent | undefined {
		return this.events.at(-1);
	}
}

function open(t: TestContext, path = ':memory:') {
	const store = openStore(path);
	t.after(() => store.close());
	const clock = new ManualClock();
	const now = () => clock.now();
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now });
	const glances = new Map<string, Glance>();
	const labs = { glance: ({ owner }: { owner: LearnerRow }) => glances.get(owner.id) ?? { state: 'none' as const, pages: 0 } };
	const paces = new Paces({ store, courses: [testCourse], now });
	const cards = new Cards({ store, now });
	const feeds = new RoomFeeds({ store, courses: [testCourse], labs, hands: { of: () => [] }, paces, cards, clock, log: silent });
	const record = verdictRecorder({ store, now, log: silent, onChange: (learner, step) => feeds.touch(learner, step) });
	const draft = { title: 'Jour 1', course: 'apptainer', lessons: [], starts: now(), ends: now() + 3 * hour, expected: 20, names: [] };
	const room = rooms.open(rooms.create(draft).id);
	const join = (name: string) => {
		const learner = store.people.createLearner();
		rooms.join(learner, { code: room.code ?? '', name });
		glances.set(learner.id, { state: 'live', pages: 1 });
		return learner;
	};
	const verdict = (owner: LearnerRow, lesson: string, step: string, state: 'passed' | 'failed' | 'todo', message?: string) => {
		const lab = bareLab({ owner, course: testCourse });
		if (state === 'passed') store.putStep(lab.key, { lesson, step, state });
		record(lab, () => ({ lesson, step, state, ...(message !== undefined && { message }) }));
	};
	const look = (view: FeedView = 'lead', changes: Partial<Viewer> = {}) => {
		const sink = new Sink();
		const leave = feeds.open(rooms.room(room.id), {
			who: 'grace',
			view,
			language: 'fr',
			cardChanges: true,
			sink,
			mayStill: () => {},
			...changes,
		});
		return { sink, leave };
	};
	return { store, clock, rooms, room, feeds, cards, glances, join, verdict, look, now };
}

test('what people write is on the wall once the question is closed; before that, how many have written', async (t) => {
	const { clock, room, cards, join, look } = open(t);
	const { id } = cards.make(room, { question: 'Un mot ?', choices: [] });
	for (const name of ['Ada', 'Emmy', 'Mary']) cards.answer(room, join(name).id, id, { text: `by ${name}` });
	cards.change(room, id, { shown: true });
	const [wall, lead] = [look('front').sink, look().sink];
	const [open_] = [wall.last].flatMap((event) => (event?.type === 'snapshot' ? (event.wall ?? []) : []));
	assert.deepEqual([open_?.people, open_?.texts], [3, undefined]);
	assert.equal(lead.last?.type === 'snapshot' && lead.last.cards?.[0]?.texts?.length, 3, 'its trainer reads them');
	cards.change(room, id, { open: false });
	await clock.advance(250);
	assert.equal(wall.last?.type === 'change' && wall.last.wall?.[0]?.texts?.length, 3);
});

test('a page that puts cards together is told of those that changed; one from before an upgrade, which replaces its list, of all', async (t) => {
	const { clock, room, cards, join, look } = open(t);
	const [first, second] = ['Un ?', 'Deux ?'].map((question) => cards.make(room, { question, choices: [] }).id);
	const [now, before] = [look().sink, look('lead', { cardChanges: false }).sink];
	cards.answer(room, join('Ada').id, second ?? '', { text: 'yes' });
	await clock.advance(beat);
	const told = ({ last }: Sink) => last?.type === 'change' && last.cards?.map(({ id, people }) => [id, people]);
	assert.deepEqual(
		[told(now), told(before)],
		[
			[[second, 1]],
			[
				[second, 1],
				[first, 0],
			],
		],
	);
});

test('where a person is: after the furthest step of the lesson of the last verdict; steps to read that were left out hold nobody back', () => {
	const steps = ['a1', 'a2', 'b1', 'b2'].map((step) => ({ lesson: step[0] ?? '', step, checked: !step.endsWith('1') }));
	const at = (marks: string, lesson?: string) => stepAt(steps, [...marks] as StepMark[], lesson);
	assert.deepEqual(
		[at('....'), at('p...', 'a'), at('.p..', 'a'), at('.f..', 'a'), at('....', 'b'), at('...f', 'b'), at('.p.p', 'b'), at('pppp', 'b')],
		[0, 1, 2, 0, 2, 2, 4, 4],
	);
	assert.equal(at('p..p', 'b'), 1, 'who is at the end goes back to what is left');
});

test('sentences that differ in names and numbers are one, by how many people read them; no value of one person is shown', () => {
	const row = (learner: string, fr: string, times = 1) => ({ learner, lesson: 'first', step: 'pull', fr, en: `en ${fr}`, times });
	const groups = groupSentences([
		row('a', 'Le fichier `heron.sif` manque.', 3),
		row('b', 'Le fichier `otter.sif` manque.'),
		row('a', 'Il y a 3 couches.'),
		row('b', 'Il y a 3 couches.'),
		row('c', 'Il y a 5 couches.'),
		row('c', 'Pas encore.', 9),
		row('a', 'Votre script écrit `mot de passe`, pas 7.'),
	]);
	assert.deepEqual(
		groups.map(({ text, people, times }) => [text.fr, people, times]),
		[
			['Il y a 3 couches.', 3, 3],
			['Le fichier `…` manque.', 2, 4],
			['Pas encore.', 1, 9],
			['Votre script écrit `…`, pas ….', 1, 1],
		],
	);
});

test('commands are their first words, and shown when two people failed with them', () => {
	const heads = [
		'apptainer build x.sif y',
		'sudo A=1 apptainer pull',
		'ls -l',
		'cat my-secret.txt',
		'cd',
		'./run.sh hello',
		'x'.repeat(99),
	];
	assert.deepEqual(heads.map(commandHead), ['apptainer build', 'apptainer pull', 'ls', 'cat', 'cd', './run.sh hello', 'x'.repeat(30)]);
	const rows = ['a', 'b', 'b'].map((learner) => ({ learner, command: 'apptainer buidl x' }));
	assert.deepEqual(groupCommands([...rows, { learner: 'a', command: 'cat diary' }]), [{ command: 'apptainer buidl', people: 2, times: 3 }]);
});

test('a cockpit gets all of it, then what has changed, gathered; nothing when nothing has', async (t) => {
	const { clock, join, verdict, look, glances } = open(t);
	const [ada, emmy] = [join('Ada'), join('Emmy')];
	const { sink } = look();
	assert.equal(sink.count, 1);
	const first = sink.events[0];
	assert.ok(first?.type === 'snapshot');
	assert.deepEqual(
		first.people?.map(({ name, marks, at }) => [name, marks, at]),
		[
			['Ada', '....', 0],
			['Emmy', '....', 0],
		],
	);
	assert.deepEqual(first.counts, { people: 2, here: 2, at: [2, 0, 0, 0, 0], median: 0, hands: 0 });
	await clock.advance(beat * 80);
	assert.deepEqual([sink.count, sink.lives], [1, 1], 'nothing but a sign of life, for proxies');
	verdict(ada, 'first', 'read', 'passed');
	verdict(ada, 'first', 'pull', 'failed', 'Pas encore.');
	verdict(ada, 'first', 'pull', 'failed', 'Il manque `lolcow.sif`.');
	verdict(ada, 'first', 'pull', 'failed', 'Pas encore.');
	await clock.advance(beat);
	assert.deepEqual(sink.events.length, 2);
	const { last } = sink;
	assert.ok(last?.type === 'change');
	assert.deepEqual(
		last.people?.map(({ name, marks, at, tries }) => [name, marks, at, tries]),
		[['Ada', 'pf..', 1, 2]],
	);
	await clock.advance(beat * 4);
	assert.deepEqual(sink.last?.type === 'change' && sink.last.sentences?.map(({ text, people, times }) => [text.fr, people, times]), [
		['Pas encore.', 1, 2],
		['Il manque `…`.', 1, 1],
	]);
	glances.set(emmy.id, { state: 'lost', pages: 0 });
	await clock.advance(beat);
	assert.ok(sink.last?.type === 'change' && sink.last.people?.[0]?.lab === 'lost' && sink.last.counts?.here === 1);
	verdict(ada, 'first', 'pull', 'todo');
	await clock.advance(beat);
	assert.equal(sink.last?.type === 'change' && sink.last.people?.[0]?.marks, 'p...', 'taken back');
});

test('what is taken back is no verdict: nobody has tried a step by it, nor come to its lesson', async (t) => {
	const { clock, store, room, join, verdict } = open(t);
	const ada = join('Ada');
	verdict(ada, 'first', 'pull', 'failed', 'Pas encore.');
	const [before] = store.roomWork.steps(room.id);
	await clock.advance(hour);
	verdict(ada, 'first', 'pull', 'todo');
	verdict(ada, 'second', 'pull', 'todo');
	assert.deepEqual(store.roomWork.steps(room.id), [{ ...before, state: 'todo' }]);
});

test('people come, take another name and leave; a trainer edits; all of it is seen without a reload', async (t) => {
	const { clock, rooms, room, join, look } = open(t);
	const ada = join('Ada');
	const { sink } = look();
	rooms.leave(room.id, ada);
	join('Emmy');
	rooms.edit(room.id, { title: 'Jour 2', lessons: ['second'] });
	await clock.advance(beat * 4);
	const { last } = sink;
	assert.ok(last?.type === 'change');
	assert.deepEqual([last.gone, last.people?.map(({ name }) => name), last.room?.title], [[ada.name], ['Emmy'], 'Jour 2']);
	assert.deepEqual(
		last.room?.steps.map(({ lesson }) => lesson),
		['second', 'second'],
	);
});

test('the projector is told no name, a helper nothing but who asks for help', async (t) => {
	const { clock, join, verdict, look } = open(t);
	const ada = join('Ada');
	const [front, help] = [look('front').sink, look('help').sink];
	verdict(ada, 'first', 'read', 'passed');
	await clock.advance(beat * 20);
	assert.ok(!JSON.stringify(front.events).includes('Ada') && !JSON.stringify(front.events).includes(ada.name));
	assert.deepEqual(front.last?.type === 'change' && front.last.counts?.at, [0, 1, 0, 0, 0]);
	assert.deepEqual(help.events.map(Object.keys), [['type', 'now', 'room', 'hands']]);
});

test('who does not read begins again with all of it; who may not look any more is told so, and the feed ends', async (t) => {
	const { clock, join, verdict, look } = open(t);
	const ada = join('Ada');
	const { sink } = look();
	sink.full = true;
	verdict(ada, 'first', 'read', 'passed');
	await clock.advance(beat * 3);
	assert.equal(sink.count, 1);
	sink.full = false;
	await clock.advance(beat);
	assert.ok(sink.last?.type === 'snapshot' && sink.last.people?.[0]?.marks === 'p...');
	let removed = false;
	const grace = look('lead', {
		mayStill: () => {
			if (removed) throw new Refusal('forbidden');
		},
	});
	removed = true;
	await clock.advance(beat * 4);
	assert.deepEqual(
		[grace.sink.last, grace.sink.ended].map((one) => JSON.stringify(one)),
		[JSON.stringify({ type: 'over', code: 'forbidden', message: refusalText('forbidden', 'fr') }), 'true'],
	);
	assert.equal(sink.ended, false, 'nobody else is concerned');
});

test('an erased room ends its feeds; one person has so many and no more', async (t) => {
	const { clock, rooms, room, look } = open(t);
	const sinks = Array.from({ length: 16 }, () => look().sink);
	assert.throws(() => look(), { code: 'too-many' });
	look('lead', { who: 'alan' });
	rooms.erase(room.id);
	await clock.advance(beat * 4);
	assert.ok(sinks.every(({ ended, last }) => ended && last?.type === 'over' && last.code === 'not-found'));
});

test('what is done before a room opens, in other lessons, and after its end is not the room’s', async (t) => {
	const { clock, store, rooms, room, join, verdict } = open(t);
	const ada = join('Ada');
	rooms.edit(room.id, { lessons: ['first'] });
	verdict(ada, 'second', 'pull', 'failed', 'Pas encore.');
	assert.deepEqual(store.roomWork.steps(room.id), []);
	rooms.close(room.id);
	verdict(ada, 'first', 'pull', 'failed', 'Pas encore.');
	assert.equal(store.roomWork.steps(room.id)[0]?.tries, 1, 'closed: people go on working');
	await clock.advance(4 * hour);
	verdict(ada, 'first', 'pull', 'passed');
	assert.equal(store.roomWork.steps(room.id)[0]?.passed, undefined);
	rooms.leave(room.id, ada);
	assert.deepEqual([store.roomWork.steps(room.id), store.roomWork.sentences(room.id)], [[], []], 'it goes with the person');
});

test('a message goes to all, to one, or to those at a step, and says how many of them are here', async (t) => {
	const { feeds, rooms, room, join, verdict, glances, now } = open(t);
	const [ada, emmy] = [join('Ada'), join('Emmy')];
	verdict(ada, 'first', 'read', 'passed');
	glances.set(emmy.id, { state: 'none', pages: 0 });
	const announcements = new Announcements({ feeds, now });
	const heard: string[][] = [];
	announcements.subscribe(({ learners }) => heard.push([...learners]));
	const say = (to: Parameters<typeof announcements.say>[1]['to']) => announcements.say(rooms.room(room.id), { text: 'Pause', to }, 'Grace');
	assert.deepEqual(
		[say('all'), say({ learner: emmy.name }), say({ lesson: 'first', step: 'pull' })],
		[
			{ people: 2, here: 1 },
			{ people: 1, here: 0 },
			{ people: 1, here: 1 },
		],
	);
	assert.deepEqual(heard, [[ada.id, emmy.id], [emmy.id], [ada.id]]);
});

test('commands with which two people failed are told, also those of sandboxes that are gone, and each counts once', async (t) => {
	const { store, clock, join, look, now } = open(t);
	const people = [join('Ada'), join('Emmy')];
	let offset = 0n;
	const end = (index: number, command: string, exit: number) => {
		const row = { sandbox: `s${index}`, terminal: 'first/1', at: now(), command, exit, folder: '~', ms: 1, offset: offset++ };
		store.addCommand(row);
	};
	for (const [index, { id }] of people.entries()) {
		const row = {
			name: `s${index}`,
			course: 'apptainer',
			learner: id,
			state: 'ready',
			created: now(),
			claimed: now(),
			seen: now(),
		} as const;
		store.putSandbox(row);
		end(index, 'apptainer buidl x.sif', 255);
		end(index, 'ls', 0);
	}
	store.removeSandbox('s0');
	const { sink } = look();
	const told = (event: FeedEvent | undefined) =>
		event?.type !== 'over' && event?.commands?.map(({ command, people: n, times }) => [command, n, times]);
	assert.deepEqual(told(sink.events[0]), [['apptainer buidl', 2, 2]]);
	await clock.advance(60_000);
	end(1, 'apptainer buidl y.sif', 255);
	await clock.advance(beat * 40);
	assert.deepEqual(told(sink.events.findLast((event) => event.type === 'change' && event.commands)), [['apptainer buidl', 2, 3]]);
	const [ada] = people;
	assert.ok(ada);
	const home = { learner: ada.id, course: 'apptainer', file: 'x', saved: now(), bytes: 0, lessons: [], leftOut: [] };
	const again = { name: 's2', course: 'apptainer', learner: ada.id, state: 'ready', created: now(), claimed: now(), seen: now() } as const;
	store.putSandbox(again);
	store.resumeHome('s2', home);
	assert.equal(store.commands('s2', 9).length, 2, 'her workbench is back with its commands');
	const before = sink.events.length;
	await clock.advance(beat * 40);
	assert.equal(
		sink.events.slice(before).some((event) => event.type === 'change' && event.commands),
		false,
	);
	const seen = sink.events.findLast((event) => event.type === 'change' && event.people);
	assert.equal(
		seen?.type === 'change' && seen.people?.find(({ name }) => name === 'Emmy')?.seen,
		now() - beat * 80,
		'her last sign of life',
	);
});
