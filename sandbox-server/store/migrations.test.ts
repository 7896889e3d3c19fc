import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { migrate, migrations, StoreUnusable } from './migrations.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'etabli-migrations-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, `${count++}.sqlite`);

function using<T>(path: string, work: (store: SqliteStore) => T): T {
	const store = openStore(path);
	try {
		return work(store);
	} finally {
		store.close();
	}
}

test('a migration that fails leaves the previous version; the next start goes on from there', () => {
	const path = newPath();
	const id = using(path, (store) => store.createLearner().id);
	const next = (sql: string) => [...migrations, { version: migrations.length + 1, name: 'next', sql }];
	const database = new DatabaseSync(path);
	assert.throws(
		() => migrate(database, path, next('create table more (a text) strict; create table more (a text) strict;')),
		/already exists/,
	);
	const rolledBack = 'create table more (a text unique) strict; insert into more values (1); insert or rollback into more values (1);';
	assert.throws(() => migrate(database, path, next(rolledBack)), /UNIQUE/, 'the fault itself, where SQLite has rolled back');
	migrate(database, path, next('create table more (a text) strict;'));
	migrate(database, path, next('create table more (a text) strict;'));
	assert.equal(database.prepare('select count(*) as n from more').get()?.['n'], 0);
	assert.equal(database.prepare('select id from learner').get()?.['id'], id);
	database.close();

	assert.throws(
		() => openStore(path),
		(error) => error instanceof StoreUnusable && /newer version of Établi .*--data/.test(error.message),
	);
});

test('the time of commands from before it was counted is worked out from them', () => {
	const path = newPath();
	const minute = 60_000;
	const database = new DatabaseSync(path);
	migrate(
		database,
		path,
		migrations.filter(({ version }) => version < 14),
	);
	database.exec(`insert into learner (id, name, created) values ('anna', 'learner-1', 0), ('ben', 'learner-2', 0);
		insert into sandbox (name, course, learner, state, created, seen) values ('a', 'apptainer', 'anna', 'ready', 0, 0), ('b', 'apptainer', null, 'ready', 0, 0);`);
	const past = database.prepare(
		`insert into past_command (learner, course, terminal, at, command, folder, ms) values (?, 'apptainer', ?, ?, 'ls', '/', ?)`,
	);
	past.run('anna', 'first/1', 2 * minute, minute);
	past.run('anna', 'first/2', 5 * minute, 0);
	past.run('ben', 'first/1', 5 * minute, 0);
	const present = database.prepare(
		`insert into command (sandbox, terminal, at, command, folder, ms, position) values (?, ?, ?, 'ls', '/', ?, 0)`,
	);
	present.run('a', 'second/1', 60 * minute, 0);
	present.run('a', 'second/1', 62 * minute, minute);
	present.run('b', 'second/1', 64 * minute, 0);
	database.close();
	using(path, (store) => {
		assert.deepEqual(store.ownWork.times('anna'), [
			{ course: 'apptainer', lesson: 'first', ms: 4 * minute, last: 5 * minute },
			{ course: 'apptainer', lesson: 'second', ms: 2 * minute, last: 62 * minute },
		]);
		assert.deepEqual(store.ownWork.times('ben'), [{ course: 'apptainer', lesson: 'first', ms: 0, last: 5 * minute }]);
	});
});

test('rooms and lines of grade books from before lists of courses are as they were', () => {
	const path = newPath();
	const database = new DatabaseSync(path);
	migrate(
		database,
		path,
		migrations.filter(({ version }) => version < 17),
	);
	database.exec(`insert into learner (id, name, created) values ('anna', 'learner-1', 0);
		insert into room (id, code, title, course, lessons, state, starts, ends, erases, expected, names, created)
			values ('0123456789ab', null, 'Jour 1', 'apptainer', '[]', 'planned', 0, 1, 2, 20, '["Ada"]', 0);
		insert into lti_platform values ('moodle', 'https://moodle.example', 'c', 'https://a', 'https://t', 'https://k', '["1"]');
		insert into lti_grade values ('anna', 'apptainer', 'first', 'moodle', 'https://line', 'ada', 2);`);
	database.close();
	using(path, (store) => {
		const room = store.rooms.room('0123456789ab');
		assert.deepEqual([room?.names, room?.rosterFrom], [['Ada'], undefined]);
		assert.deepEqual(
			store.lti.grades().map(({ told, gone }) => [told, gone]),
			[[2, undefined]],
		);
		assert.deepEqual(store.lti.courses(), []);
	});
});
