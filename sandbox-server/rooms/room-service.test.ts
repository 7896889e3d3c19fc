/** Rooms: who comes in, by what name, who comes back, and what is left in the end. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { refused } from '../../tests/fixtures/refused.ts';
import { tokenDigest } from '../store/migrations.ts';
import { openStore } from '../store/sqlite-store.ts';
import { type RoomDraft, RoomService } from './room-service.ts';

const hour = 3600_000;
const day = 24 * hour;
const draft: RoomDraft = {
	title: 'Conteneurs, jour 1',
	course: 'tp-apptainer',
	lessons: ['first'],
	starts: 9 * hour,
	ends: 12 * hour,
	expected: 20,
	names: ['Curie Marie', 'Lovelace Ada'],
};

function open(t: TestContext) {
	const store = openStore(':memory:');
	t.after(() => store.close());
	const clock = { now: 0 };
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now: () => clock.now });
	const person = () => store.people.createLearner();
	const trainer = rooms.enter(rooms.invite({ role: 'trainer', name: 'Grace Hopper' }).secret, undefined);
	const room = rooms.create(draft, { learner: trainer, name: 'Grace Hopper' });
	const join = (name: string, learner = person(), code = rooms.room(room.id).code ?? '') => ({
		learner,
		word: '',
		...rooms.join(learner, { code, name }),
	});
	return { store, clock, rooms, person, trainer, room, join };
}

test('people join an open room by its code, under a name that nobody else has there', (t) => {
	const { rooms, room, join } = open(t);
	assert.equal(
		refused(() => join('Ada')),
		'room-not-open',
		'planned: not yet',
	);
	rooms.open(room.id);
	assert.deepEqual(rooms.door(room.code ?? '', undefined).names, ['Curie Marie', 'Lovelace Ada']);
	const ada = join('lovelace ada');
	assert.equal(ada.name, 'Lovelace Ada', 'as the list has it');
	const door = rooms.door(room.code ?? '', ada.learner);
	assert.deepEqual([door.names, door.known], [['Curie Marie'], 'Lovelace Ada'], 'whose name is taken is not offered');
	assert.equal(
		refused(() => join('e'.repeat(300))),
		'name-too-long',
	);
	assert.equal(
		refused(() => join('Lovelace  ADA')),
		'name-taken',
	);
	assert.equal(
		refused(() => join('\u202e')),
		'bad-name',
	);
	assert.equal(
		refused(() => join('Emmy', undefined, 'ZZZZZZ')),
		'wrong-room-code',
	);
	join('Emmy');
	assert.deepEqual(
		rooms
			.people(room.id)
			.map(({ name, role }) => [name, role])
			.sort(),
		[
			['Emmy', 'learner'],
			['Grace Hopper', 'trainer'],
			['Lovelace Ada', 'learner'],
		],
	);
	const again = join('Ada L.', ada.learner);
	assert.deepEqual([again.name, rooms.people(room.id).length], ['Ada L.', 3], 'the same person under another name');
	join('Lovelace Ada');
});

test('the personal word brings back the same person, from any machine; the one before it is void', (t) => {
	const { rooms, room, join, store } = open(t);
	rooms.open(room.id);
	const ada = join('Ada');
	assert.deepEqual(rooms.back(ada.word.toUpperCase().replaceAll('-', ' ')), ada.learner);
	const second = join('Ada', ada.learner);
	assert.equal(
		refused(() => rooms.back(ada.word)),
		'wrong-word',
	);
	assert.deepEqual(rooms.back(second.word), ada.learner);
	assert.equal(
		refused(() => rooms.back('')),
		'wrong-word',
	);
	assert.ok(!JSON.stringify(store.rooms.people(room.id)).includes(second.word), 'the store has its digest alone');
	const digests = store.rooms.people(room.id).map(({ word }) => word);
	assert.ok(!digests.includes(tokenDigest(second.word)), 'which cannot be worked out without the server’s key');
});

test('no word leads into an account, has it a name or none, nor does one from before', (t) => {
	const { rooms, room, join, person, store } = open(t);
	rooms.open(room.id);
	const ada = person();
	const { word } = join('Ada', ada);
	store.people.putAccount({ issuer: 'lti:https://moodle.example', subject: '7', learner: ada.id });
	assert.equal(
		refused(() => rooms.back(word)),
		'wrong-word',
	);
	assert.equal(join('Ada', ada).word, '', 'none');
});

test('words that an earlier version stored under a plain digest go on being good, and are put under the key', (t) => {
	const { rooms, room, join, store } = open(t);
	rooms.open(room.id);
	const ada = join('Ada');
	const word = 'loutre-tambour-citron-vague';
	const row = store.rooms.person(room.id, ada.learner.id);
	assert.ok(row);
	store.rooms.putPerson({ ...row, word: tokenDigest(word) });
	rooms.sealWords();
	rooms.sealWords();
	assert.deepEqual(rooms.back(word), ada.learner);
	assert.notEqual(store.rooms.person(room.id, ada.learner.id)?.word, tokenDigest(word));
});

test('a closed room lets nobody in and keeps whoever is there; opened again it has another code', (t) => {
	const { rooms, room, join } = open(t);
	const { code } = rooms.open(room.id);
	const ada = join('Ada');
	rooms.close(room.id);
	assert.equal(
		refused(() => join('Emmy', undefined, code)),
		'wrong-room-code',
	);
	assert.deepEqual([rooms.roleIn(room.id, ada.learner.id), rooms.back(ada.word).name], ['learner', ada.learner.name]);
	rooms.open(room.id);
	assert.equal(
		refused(() => join('Emmy', undefined, code)),
		'wrong-room-code',
	);
	join('Emmy');
});

test('links let one person in, once, for a week; a trainer is the same person in each browser', (t) => {
	const { rooms, room, clock, person, trainer, store } = open(t);
	const phone = rooms.invite({ role: 'trainer', name: 'grace HOPPER' });
	assert.equal(rooms.enter(phone.secret, person()).id, trainer.id, 'whoever was known in that browser');
	assert.equal(
		refused(() => rooms.enter(phone.secret, undefined)),
		'bad-link',
	);
	const late = rooms.invite({ role: 'helper', room: room.id, name: 'Alan' });
	const alan = person();
	assert.equal(rooms.enter(late.secret, alan).id, alan.id);
	assert.equal(rooms.roleIn(room.id, alan.id), 'helper');
	const namesake = rooms.enter(rooms.invite({ role: 'helper', room: room.id, name: 'alan' }).secret, undefined);
	assert.equal(store.rooms.person(room.id, namesake.id)?.name, 'alan 2');
	const old = rooms.invite({ role: 'trainer', name: 'Linus' });
	clock.now += 8 * day;
	assert.equal(
		refused(() => rooms.enter(old.secret, undefined)),
		'bad-link',
	);
	store.people.putSession({ digest: 'd', learner: trainer.id, expires: 100 * day });
	assert.equal(rooms.removeTrainer('Grace Hopper'), true);
	assert.equal(store.people.session('d', clock.now), undefined, 'out of every browser');
	assert.equal(rooms.removeTrainer('Nobody'), false);
});

test('trainers and helpers have no personal word, and a trainer who tries a helper’s link goes on leading', (t) => {
	const { rooms, room, join, trainer } = open(t);
	rooms.open(room.id);
	assert.equal(join('Grace', trainer).word, '', 'who renames herself in her own room');
	const other = rooms.open(rooms.create({ ...draft, names: [] }).id);
	assert.equal(join('Grace', trainer, other.code).word, '', 'who comes to another as a learner');
	const alan = join('Alan');
	const elsewhere = join('Alan', alan.learner, other.code);
	rooms.enter(rooms.invite({ role: 'helper', room: room.id, name: 'Alan' }).secret, alan.learner);
	for (const { word } of [alan, elsewhere])
		assert.equal(
			refused(() => rooms.back(word)),
			'wrong-word',
			'from before he helped',
		);
	assert.equal(join('Alan T.', alan.learner).word, '');
	rooms.enter(rooms.invite({ role: 'helper', room: room.id, name: 'Grace' }).secret, trainer);
	assert.equal(rooms.roleIn(room.id, trainer.id), 'trainer');
});

test('who is removed as a trainer cannot open a link from before', (t) => {
	const { rooms } = open(t);
	const [early, late, other] = ['Linus', 'grace hopper', 'Emmy'].map((name) => rooms.invite({ role: 'trainer', name }).secret);
	assert.deepEqual([rooms.removeTrainer('linus'), rooms.removeTrainer('Grace Hopper'), rooms.removeTrainer('Linus')], [true, true, false]);
	for (const secret of [early, late])
		assert.equal(
			refused(() => rooms.enter(secret ?? '', undefined)),
			'bad-link',
		);
	assert.equal(
		refused(() => rooms.enter(other ?? '', undefined)),
		'done',
	);
});

test('a removed trainer does not come back by a link of a room that she led; links of other rooms stay good', (t) => {
	const { rooms, room, trainer, store } = open(t);
	const other = rooms.create(draft);
	const [kept, helper, foreign] = [
		rooms.invite({ role: 'trainer', room: room.id, name: 'Remplaçante' }),
		rooms.invite({ role: 'helper', room: room.id, name: 'Aide' }),
		rooms.invite({ role: 'helper', room: other.id, name: 'Aide' }),
	];
	rooms.removeTrainer('Grace Hopper');
	assert.equal(store.rooms.person(room.id, trainer.id), undefined);
	for (const { secret } of [kept, helper])
		assert.equal(
			refused(() => rooms.enter(secret, undefined)),
			'bad-link',
		);
	assert.equal(
		refused(() => rooms.enter(foreign.secret, undefined)),
		'done',
	);
});

test('of the first trainer’s links the newest alone is good, and none once it has been opened', (t) => {
	const { rooms } = open(t);
	rooms.removeTrainer('Grace Hopper');
	const [early, late] = [rooms.inviteFirst() ?? '', rooms.inviteFirst() ?? ''];
	assert.equal(
		refused(() => rooms.enter(early, undefined)),
		'bad-link',
	);
	const second = rooms.invite({ role: 'trainer', name: 'formateur' }).secret;
	const grace = rooms.invite({ role: 'trainer', name: 'Grace Hopper' }).secret;
	rooms.enter(late, undefined);
	assert.equal(
		refused(() => rooms.enter(second, undefined)),
		'bad-link',
	);
	assert.equal(
		refused(() => rooms.enter(grace, undefined)),
		'done',
	);
	assert.equal(rooms.inviteFirst(), undefined);
});

test('a room is copied for next year, and erased thirty days after its end, with all that is known of it', (t) => {
	const { rooms, room, clock, join, store, trainer } = open(t);
	rooms.open(room.id);
	const ada = join('Ada');
	store.putStep({ learner: ada.learner.id, course: 'tp-apptainer' }, { lesson: 'first', step: 'pull', state: 'passed' });
	const next = rooms.copy(room.id, { starts: 365 * day, ends: 365 * day + hour }, { learner: trainer, name: 'Grace' });
	assert.deepEqual([next.title, next.state, next.names, rooms.people(next.id).length], [draft.title, 'planned', [], 1]);
	assert.deepEqual(rooms.rooms(trainer).length, 2);
	clock.now = draft.ends + 30 * day - 1;
	assert.equal(rooms.eraseOld(), 0);
	clock.now += 1;
	assert.equal(rooms.eraseOld(), 1);
	assert.equal(
		refused(() => rooms.room(room.id)),
		'not-found',
	);
	assert.equal(
		refused(() => rooms.back(ada.word)),
		'wrong-word',
	);
	assert.deepEqual(store.rooms.people(room.id), []);
	assert.equal(store.steps({ learner: ada.learner.id, course: 'tp-apptainer' }).length, 1, 'progress is the learner’s own');
});

test('whoever leaves is forgotten in the room', (t) => {
	const { rooms, room, join } = open(t);
	rooms.open(room.id);
	const ada = join('Ada');
	rooms.leave(room.id, ada.learner);
	assert.equal(rooms.roleIn(room.id, ada.learner.id), undefined);
	assert.equal(
		refused(() => rooms.back(ada.word)),
		'wrong-word',
	);
	join('Ada');
});

test('five hundred people are in one room, and no more', (t) => {
	const { rooms, room, join } = open(t);
	rooms.open(room.id);
	for (let number = 1; number < 500; number++) join(`Personne ${number}`);
	assert.equal(
		refused(() => join('Une de trop')),
		'room-full',
	);
});
