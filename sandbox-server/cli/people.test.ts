/** `etabli room` and `etabli trainer`, as they are typed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RoomService } from '../rooms/room-service.ts';
import { root } from '../setup/paths.ts';
import { openStore } from '../store/sqlite-store.ts';

function dataFolder(t: TestContext): string {
	const data = mkdtempSync(join(tmpdir(), 'etabli-people-'));
	openStore(join(data, 'store.sqlite')).close();
	t.after(() => rmSync(data, { recursive: true }));
	return data;
}

/** Types the command; what it said, and its exit status. */
function type(data: string, ...words: string[]): Promise<{ status: number; out: string; err: string }> {
	const main = join(root, 'sandbox-server/cli/main.ts');
	return new Promise((resolve) => {
		execFile(process.execPath, [main, ...words, '--data', data], { cwd: root, env: { ...process.env, TZ: 'UTC' } }, (error, out, err) =>
			resolve({ status: error ? Number(error.code) : 0, out, err }),
		);
	});
}

test('a room is made with a list of names, opened, listed, copied, closed and erased', async (t) => {
	const data = dataFolder(t);
	const names = join(data, 'names.csv');
	writeFileSync(names, 'Curie;Marie\n---\n');
	const year = new Date().getFullYear() + 1;
	const made = await type(
		data,
		'room',
		'create',
		'tp-apptainer',
		'Jour',
		'1',
		'--starts',
		`${year}-01-12 09:00`,
		'--names',
		names,
		'--json',
	);
	assert.equal(made.status, 0, made.err);
	const [room] = JSON.parse(made.out);
	assert.deepEqual([room.title, room.state, room.names, room.people], ['Jour 1', 'planned', ['Curie Marie'], 0]);
	assert.match(made.err, /names\.csv:2: no name/);
	assert.match(
		(await type(data, 'room', 'open', room.id)).out,
		new RegExp(`^${room.id}  ${room.code}  open     ${year}-01-12 09:00  0 of 20  Jour 1\\n$`),
	);
	const csv = await type(data, 'room', 'results', room.id, '--as', 'steps');
	assert.match(csv.out, /^\ufeffLeçon;Étape;/, csv.err);
	for (const kind of ['csv', 'steps', 'cards']) {
		const { out } = await type(data, 'room', 'results', room.id, '--as', kind);
		assert.match(out, /^\ufeff[^\r\n\\]+(\r\n[^\r\n\\]+)*\r\n$/, `the file as it is: ${kind}`);
	}
	assert.deepEqual(JSON.parse((await type(data, 'room', 'results', room.id, '--as', 'xapi')).out), []);
	assert.match((await type(data, 'room', 'results', room.id, '--as', 'pdf')).err, /csv, json, xapi, steps, cards, not "pdf"/);
	assert.equal(JSON.parse((await type(data, 'room', 'results', room.id, '--json')).out).room.title, 'Jour 1');
	const german = await type(data, 'room', 'results', room.id, '--language', 'de');
	assert.deepEqual([german.out, german.status], ['', 2]);
	assert.match(german.err, /Unknown language "de"/);
	assert.equal((await type(data, 'room', 'copy', room.id, '--json')).status, 0);
	assert.match((await type(data, 'room', 'close', room.id)).out, /– {2}closed/);
	assert.match((await type(data, 'room', 'erase', room.id)).out, /Erased/);
	assert.equal((await type(data, 'room')).out.trim().split('\n').length, 1, 'the copy');
});

test('a trainer is let in by a link, and signed out everywhere when taken away', async (t) => {
	const data = dataFolder(t);
	const { secret } = JSON.parse((await type(data, 'trainer', 'add', 'Grace', 'Hopper', '--json')).out);
	const said = await type(data, 'trainer', 'add', 'Grace', 'Hopper', '--port', '8099');
	assert.match(said.out, /^For Grace Hopper, in one browser, once, until .+:\nhttp:\/\/localhost:8099\/fr\/salles\/#enter=[\w-]{32}\n$/);
	const store = openStore(join(data, 'store.sqlite'));
	t.after(() => store.close());
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now: () => Date.now() });
	const grace = rooms.enter(secret, undefined);
	store.people.putSession({ digest: 'd', learner: grace.id, expires: Date.now() + 60_000 });
	assert.deepEqual(store.people.session('d', Date.now())?.roles, ['trainer']);
	assert.equal((await type(data, 'trainer', 'remove', 'grace hopper')).status, 0);
	assert.equal(store.people.session('d', Date.now()), undefined);
});

test('what is typed wrongly is told, with what to type', async (t) => {
	const data = dataFolder(t);
	for (const [words, said] of [
		[['room', 'create', 'tp-aptainer', 'x'], /course "tp-aptainer"\. Did you mean "tp-apptainer"\?\nls .*courses lists/],
		[['room', 'create', 'tp-apptainer', 'x', '--lesson', 'biuld'], /lesson "biuld"\. Did you mean "build"\?\nls .*tp-apptainer lists/],
		[['room', 'create', 'tp-apptainer', 'x', '--hours', '0'], /--hours is how long it lasts, at least 1/],
		[['room', 'create'], /\.\/etabli room create tp-apptainer/],
		[['room', 'create', 'tp-apptainer', 'x', '--starts', 'hier'], /not "hier"/],
		[['room', 'open', '0123456789ab'], /no such room/],
		[['room', 'frob'], /list, create, roster, open, close, copy, erase, results/],
		[['trainer'], /trainer add "Grace Hopper"/],
		[['trainer', 'remove', 'Nobody'], /no trainer called Nobody/],
	] as const) {
		const { status, err } = await type(data, ...words);
		assert.notEqual(status, 0);
		assert.match(err, said);
		assert.doesNotMatch(err, /\n\s+at /, 'no stack trace');
	}
	const nowhere = await type(join(data, 'nothing'), 'room');
	assert.match(nowhere.err, /There is no server in/);
});
