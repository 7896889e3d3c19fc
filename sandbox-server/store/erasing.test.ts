/** A person is erased from every table, also from one that is added later; nobody else loses anything. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { tokenDigest } from './migrations.ts';
import { openStore } from './sqlite-store.ts';

/** Tables that hold nothing of one person: of a room, a server, a platform. What stands there of somebody's name is erased by name (below). */
const ofNobody = [
	'migration',
	'pool_order',
	'room',
	'room_pace',
	'link',
	'card',
	'card_count',
	'card_text',
	'lti_platform',
	'lti_course',
	'lti_invitation',
];

/** A row of a table for one person, by their id and their name in the room. */
const rows: Record<string, (id: string, name: string) => string> = {
	learner: (id, name) => `insert into learner (id, name, created, seed) values ('${id}', 'learner-${name}', 0, 'seed of ${name}')`,
	session: (id, name) => `insert into session (digest, learner, expires) values ('${tokenDigest(name)}', '${id}', 9)`,
	account: (id, name) => `insert into account (issuer, subject, learner, name) values ('etabli:trainers', '${name}', '${id}', '${name}')`,
	role: (id) => `insert into role values ('${id}', 'trainer')`,
	sandbox: (id, name) =>
		`insert into sandbox (name, course, learner, state, created, seen) values ('box-${name}', 'c', '${id}', 'ready', 0, 0)`,
	command: (_, name) =>
		`insert into command (sandbox, terminal, at, command, folder, ms, position) values ('box-${name}', 'l/1', 0, 'echo ${name}', '/', 0, 0)`,
	terminal: (_, name) => `insert into terminal values ('box-${name}', 'l/1', 0)`,
	setup: (_, name) => `insert into setup values ('box-${name}', 'l')`,
	step: (id) => `insert into step (learner, course, lesson, step, state) values ('${id}', 'c', 'l', 's', 'passed')`,
	forgotten: (id) => `insert into forgotten values ('${id}', 'c', 'l', 's', 0)`,
	quiz: (id) => `insert into quiz values ('${id}', 'c', 'l', 'q', 1)`,
	home: (id, name) => `insert into home values ('${id}', 'c', 'c/learner-${name}.tar.gz', 0, 1, '[]', '[]')`,
	past_command: (id, name) =>
		`insert into past_command (learner, course, terminal, at, command, folder, ms) values ('${id}', 'c', 'l/1', 0, 'cat ${name}.txt', '/', 0)`,
	reason: (id) => `insert into reason values ('${id}', 'c', 0, 'f', 'e', 0)`,
	work_time: (id) => `insert into work_time values ('${id}', 'c', 'l', 0, 0)`,
	work_step: (id) => `insert into work_step values ('${id}', 'c', 'l', 's', 0, null, null)`,
	certificate: (id, name) => `insert into certificate values ('code of ${name}', '${id}', 'c', 'f', 'e', '${name} Family', 1, 1, 1, 1)`,
	lti_grade: (id, name) =>
		`insert into lti_grade (learner, course, lesson, platform, line, subject) values ('${id}', 'c', 'l', 'moodle', 'https://line', 'subject ${name}')`,
	room_person: (id, name) => `insert into room_person values ('r', '${id}', 'trainer', '${name}', '${name}', 'word of ${name}', 0)`,
	room_step: (id) => `insert into room_step values ('r', '${id}', 'l', 's', 'passed', 0, 0, 0, 0)`,
	room_sentence: (id) => `insert into room_sentence values ('r', '${id}', 'l', 's', 'f', 'e', 1)`,
	room_opened: (id) => `insert into room_opened values ('r', '${id}', 'l', 's', 'solution', 0)`,
	hand: (id, name) =>
		`insert into hand (id, room, learner, lesson, step, command, since, taken_by) values ('hand-${name}', 'r', '${id}', 'l', 's', 'ls ${name}', 0, 'ada')`,
	look_event: (id, name) =>
		`insert into look_event (room, learner, look, at, by, what) values ('r', '${id}', 'look-${name}', 0, 'ada', 'looking')`,
	card_voter: (id) => `insert into card_voter values ('card', 'r', '${id}')`,
};

function withTwo(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-erasing-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'store.sqlite');
	const store = openStore(path);
	t.after(() => store.close());
	const database = new DatabaseSync(path, { enableForeignKeyConstraints: true });
	t.after(() => database.close());
	database.exec(`
		insert into room (id, code, title, course, lessons, state, starts, ends, erases, expected, names, created)
			values ('r', 'ACDEFG', 'Room', 'c', '[]', 'open', 0, 1, 2, 20, '["Àda","ben"]', 0);
		insert into room_pace values ('r', '{"by":"ada","until":9}', '{"lesson":"l","step":"s"}', null);
		insert into link values ('d1', 'helper', 'r', 'somebody', 9), ('d2', 'trainer', null, 'Ada', 9), ('d3', 'trainer', null, 'ben', 9);
		insert into card values ('card', 'r', 'q', '[]', 1, 0, 0);
		insert into card_text values ('card', 'x', 'an answer');
		insert into lti_platform values ('moodle', 'i', 'c', 'a', 't', 'k', '[]');`);
	for (const [id, name] of [
		['id-of-ada', 'ada'],
		['id-of-ben', 'ben'],
	] as const)
		for (const insert of Object.values(rows)) database.exec(insert(id, name));
	const tables = database
		.prepare("select name from sqlite_master where type = 'table' order by name")
		.all()
		.map(({ name }) => String(name));
	return { path, store, database, tables };
}

const end = (database: DatabaseSync, name: string) => database.exec(`delete from sandbox where name = 'box-${name}'`);

test('every table is known: of one person, or of nobody', (t) => {
	const { store, tables } = withTwo(t);
	assert.deepEqual([...Object.keys(rows), ...ofNobody].sort(), tables, 'a new table belongs into one of the two');
	assert.deepEqual(
		store.erasing.holdings('id-of-ada').map(({ table }) => table),
		Object.keys(rows).sort(),
		'found by the schema',
	);
});

test('a person is erased from every table; of the other each row is there, and nowhere is the name', (t) => {
	const { path, store, database, tables } = withTwo(t);
	const count = (table: string) => Number(database.prepare(`select count(*) as n from "${table}"`).get()?.['n']);
	assert.throws(() => store.erasing.erase('id-of-ada'), /FOREIGN KEY/, 'who has a sandbox is not erased from under it');
	assert.deepEqual(store.erasing.holdings('id-of-ada').length, Object.keys(rows).length, 'nothing is half erased');
	assert.equal(count('link'), 3);
	end(database, 'ada');
	const before = new Map(tables.map((table) => [table, count(table)]));
	const ofBen = store.erasing.holdings('id-of-ben');
	store.erasing.erase('id-of-ada');
	store.erasing.compact();
	assert.deepEqual(store.erasing.holdings('id-of-ada'), []);
	assert.deepEqual(store.erasing.holdings('id-of-ben'), ofBen);
	const withSandbox = ['sandbox', 'command', 'terminal', 'setup'];
	for (const table of tables) {
		const gone = withSandbox.includes(table) || ofNobody.includes(table) ? 0 : 1;
		if (table !== 'link') assert.equal(count(table), (before.get(table) ?? 0) - gone, table);
	}
	const all = (sql: string) =>
		database
			.prepare(sql)
			.all()
			.map((row) => Object.values(row)[0]);
	assert.deepEqual(all('select names from room'), ['["ben"]']);
	assert.deepEqual(all('select taken_by from hand'), [null], 'who is on the way');
	assert.deepEqual(all('select by from look_event'), ['–'], 'that somebody looked stays known to whom it was done');
	assert.deepEqual(all('select attention from room_pace'), [null]);
	assert.deepEqual(all('select digest from link'), ['d3'], 'of the room that they led, and for them');
	for (const table of tables)
		for (const row of database.prepare(`select * from "${table}"`).all())
			assert.doesNotMatch(JSON.stringify(row), /\bada\b|id-of-ada/i, table);
	for (const file of [path, `${path}-wal`]) {
		const bytes = readFileSync(file).toString('latin1');
		assert.doesNotMatch(bytes, /id-of-ada|learner-ada|echo ada|cat ada|ada Family|subject ada|word of ada|seed of ada/, file);
	}
	assert.match(readFileSync(path).toString('latin1'), /id-of-ben/, 'it would be seen');
});

test('people are found by public name, account and name in a room, whatever capitals and accents', (t) => {
	const { store } = withTwo(t);
	for (const text of ['learner-ada', 'ADA', 'Àda'])
		assert.deepEqual(
			store.people.named(text).map(({ id }) => id),
			['id-of-ada'],
			text,
		);
	assert.deepEqual(store.people.named('id-of-ada'), [], 'the secret id is no name');
	assert.deepEqual(store.people.named(''), []);
});
