/** Minute cards: answered once by each, shown when enough have, and in no way to be joined with who answered. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { refused } from '../../tests/fixtures/refused.ts';
import { openStore } from '../store/sqlite-store.ts';
import { Cards, cardsCsv } from './cards.ts';
import { RoomService } from './room-service.ts';

const hour = 3600_000;

function held(t: TestContext, path = ':memory:') {
	const store = openStore(path);
	t.after(() => store.close());
	const now = () => 1000;
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now });
	const cards = new Cards({ store, now });
	const draft = { title: 'Jour 1', course: 'apptainer', lessons: [], starts: 0, ends: 3 * hour, expected: 20, names: [] };
	const room = rooms.open(rooms.create(draft).id);
	const come = (name: string) => {
		const learner = store.people.createLearner();
		rooms.join(learner, { code: room.code ?? '', name });
		return learner.id;
	};
	return { store, rooms, cards, room, people: ['Ada', 'Emmy', 'Mary', 'Rosa'].map(come) };
}

test('choices are counted, each person once, and shown from three answers on; the next question closes the one before', (t) => {
	const { rooms, cards, room, people } = held(t);
	const first = cards.make(room, { question: ' Trop\nvite ? ', choices: ['Oui', 'Non'] });
	assert.deepEqual([first.question, first.open, first.people], ['Trop vite ?', true, 0]);
	const [ada = '', emmy = '', mary = '', rosa = ''] = people;
	cards.answer(room, ada, first.id, { choice: 1 });
	cards.answer(room, emmy, first.id, { choice: 0 });
	assert.deepEqual([cards.mine(room, ada)?.answered, cards.mine(room, mary)?.answered], [true, false]);
	assert.deepEqual([cards.of(room)[0]?.people, cards.of(room)[0]?.counts], [2, undefined], 'two of a class know the other one');
	assert.equal(
		refused(() => cards.answer(room, ada, first.id, { choice: 0 })),
		'card-over',
	);
	for (const wrong of [{ choice: 2 }, { text: 'Oui' }])
		assert.equal(
			refused(() => cards.answer(room, mary, first.id, wrong)),
			'bad-request',
		);
	cards.answer(room, mary, first.id, { choice: 1 });
	assert.deepEqual(cards.of(room)[0]?.counts, [1, 2]);

	const second = cards.make(room, { question: 'Un mot ?', choices: [] });
	assert.deepEqual(
		cards.of(room).map(({ question, open }) => [question, open]),
		[
			['Un mot ?', true],
			['Trop vite ?', false],
		],
	);
	assert.equal(
		refused(() => cards.answer(room, rosa, first.id, { choice: 0 })),
		'card-over',
	);
	for (const [who, text] of [
		[ada, '=1+1'],
		[emmy, 'Très\u202e bien'],
		[mary, '<b>Café ?</b>'],
	] as const)
		cards.answer(room, who, second.id, { text });
	assert.deepEqual(cards.of(room)[0]?.texts?.toSorted(), ['<b>Café ?</b>', '=1+1', 'Très bien']);
	for (const { id } of [first, second]) cards.change(room, id, { shown: true });
	assert.deepEqual(
		cards.of(room).map(({ shown }) => shown),
		[true, false],
		'one is on the wall',
	);
	const closed = rooms.close(room.id);
	assert.deepEqual([cards.of(closed)[0]?.open, cards.mine(closed, rosa)], [false, undefined], 'closed with the room');
	const csv = cardsCsv(cards.of(closed), 'fr');
	assert.match(csv, /^\ufeffQuestion;Réponse;Personnes\r\nTrop vite \?;Oui;1\r\nTrop vite \?;Non;2\r\n/);
	assert.match(csv, /\r\nUn mot \?;'=1\+1;1\r\n/, 'no text is taken for a formula');
});

test('a room that is opened again asks nothing that it asked before; of an answer its author alone is told; 500 are taken', (t) => {
	const { store, rooms, cards, room, people } = held(t);
	const [ada = '', emmy = ''] = people;
	const { id } = cards.make(room, { question: 'Ça va ?', choices: [] });
	const told: (string | undefined)[] = [];
	cards.subscribe((_, learner) => told.push(learner));
	cards.answer(room, ada, id, { text: 'Oui' });
	assert.equal(cards.of(room)[0]?.open, true);
	rooms.close(room.id);
	cards.sweep();
	const again = rooms.open(room.id);
	assert.deepEqual([cards.of(again)[0]?.open, cards.mine(again, emmy)], [false, undefined]);
	cards.change(again, id, { open: true });
	assert.deepEqual(told, [ada, undefined]);
	const { id: full } = cards.make(again, { question: 'Un mot ?', choices: [] });
	for (let at = 0; at < 500; at++) {
		const learner = store.people.createLearner();
		rooms.join(learner, { code: again.code ?? '', name: `P ${at}` });
		cards.answer(again, learner.id, full, { text: 'x' });
		rooms.leave(room.id, learner);
	}
	assert.equal(
		refused(() => cards.answer(again, emmy, full, { text: 'y' })),
		'card-full',
	);
});

test('only learners of the room answer; what cannot be shown is no question', (t) => {
	const { store, rooms, cards, room } = held(t);
	const grace = rooms.enter(rooms.invite({ role: 'trainer', room: room.id, name: 'Grace' }).secret, undefined);
	const { id } = cards.make(room, { question: 'Ça va ?', choices: [] });
	for (const who of [grace.id, store.people.createLearner().id])
		assert.equal(
			refused(() => cards.answer(room, who, id, { text: 'Oui' })),
			'forbidden',
		);
	assert.equal(
		refused(() => cards.make(room, { question: '\u202e', choices: [] })),
		'bad-request',
	);
	for (const choices of [['a', 'a\u200b'], ['a'], ['a', '\u202e'], ['a', 'b'.repeat(81)], [...'abcdefg']])
		assert.equal(
			refused(() => cards.make(room, { question: 'x', choices })),
			'bad-choices',
		);
	assert.equal(cards.of(room).filter(({ open }) => open).length, 1, 'what was refused has closed no other');
	for (let made = 1; made < 60; made++) cards.make(room, { question: `${made}`, choices: [] });
	assert.equal(
		refused(() => cards.make(room, { question: '60', choices: [] })),
		'cards-full',
	);
	assert.equal(
		refused(() => cards.make(rooms.close(room.id), { question: 'x', choices: [] })),
		'room-closed',
	);
});

test('the store has nothing that joins an answer and a person: no name, no time, no order; who leaves takes their mark along', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-cards-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'store.sqlite');
	const { store, rooms, cards, room, people } = held(t, path);
	const { id } = cards.make(room, { question: 'Un mot ?', choices: [] });
	for (const [index, who] of people.entries()) cards.answer(room, who, id, { text: `answer ${index}` });
	const database = new DatabaseSync(path, { readOnly: true });
	t.after(() => database.close());
	const columns = (table: string) =>
		database
			.prepare(`select name from pragma_table_info('${table}')`)
			.all()
			.map(({ name }) => name);
	assert.deepEqual(['card_voter', 'card_text', 'card_count'].map(columns), [
		['card', 'room', 'learner'],
		['card', 'name', 'text'],
		['card', 'choice', 'people'],
	]);
	for (const table of ['card_voter', 'card_text', 'card_count'])
		assert.throws(() => database.prepare(`select rowid from ${table}`), /no such column/, 'rows have no number that rises');
	const [ada = ''] = people;
	assert.deepEqual(cards.answeredBy(room.id, ada), ['Un mot ?']);
	const learner = store.people.learner(ada);
	assert.ok(learner);
	rooms.leave(room.id, learner);
	assert.deepEqual([cards.answeredBy(room.id, ada), cards.of(room)[0]?.people], [[], 4], 'the answer is nobody’s: it stays');
	rooms.join(learner, { code: room.code ?? '', name: 'Ada' });
	assert.equal(cards.mine(room, ada)?.answered, true);
	assert.equal(
		refused(() => cards.answer(room, ada, id, { text: 'once more' })),
		'card-over',
		'nobody answers twice by leaving and coming back',
	);
	assert.equal(database.prepare('select count(*) as n from card_voter where learner = ?').get(ada)?.['n'], 0, 'nor is it written down');
	rooms.erase(room.id);
	assert.deepEqual(
		['card', 'card_voter', 'card_text'].map((table) => database.prepare(`select count(*) as n from ${table}`).get()?.['n']),
		[0, 0, 0],
	);
});
