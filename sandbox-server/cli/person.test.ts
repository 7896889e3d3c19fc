/** `etabli people`, as it is typed, where no server runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RoomService } from '../rooms/room-service.ts';
import { root } from '../setup/paths.ts';
import { lockFolder } from '../store/lock.ts';
import { openStore } from '../store/sqlite-store.ts';

test('a person is shown, asked about and erased; of two of one name it is asked which; a server that runs is not gone around', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-people-'));
	t.after(() => rmSync(data, { recursive: true }));
	const store = openStore(join(data, 'store.sqlite'));
	t.after(() => store.close());
	const type = (...words: string[]) =>
		new Promise<{ status: number; out: string; err: string }>((resolve) => {
			const main = join(root, 'sandbox-server/cli/main.ts');
			const env = { ...process.env, CI: 'true' };
			execFile(process.execPath, [main, 'people', ...words, '--data', data], { cwd: root, env }, (error, out, err) =>
				resolve({ status: error ? Number(error.code) : 0, out, err }),
			);
		});
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now: () => Date.now() });
	const room = rooms.open(rooms.create({ title: 'Jour 1', course: 'c', lessons: [], starts: 1, ends: 2, expected: 1, names: [] }).id);
	const [ada, other] = [store.createLearner(), store.createLearner()];
	store.people.putAccount({ issuer: 'lti:https://moodle.example', subject: 'ada-7', learner: ada.id, name: 'Ada Lovelace' });
	rooms.join(other, { code: room.code ?? '', name: 'ada lovelace' });
	store.putStep({ learner: ada.id, course: 'c' }, { lesson: 'l', step: 's', state: 'passed' });
	store.certificates.put({
		...{ code: 'code', learner: ada.id, course: 'c', title: { fr: 'f', en: 'e' }, name: 'Ada King' },
		...{ lessons: 1, steps: 1, ms: 1, issued: 1 },
	});
	const files = [join(data, 'homes/c', `${ada.name}-0a.tar.gz`), join(data, 'transcripts/c', ada.name, 'x')];
	const image = join(data, 'registry/data/docker/registry/v2/repositories', ada.name, 'app/_uploads/x');
	for (const path of [...files, image]) {
		mkdirSync(join(path, '..'), { recursive: true });
		writeFileSync(path, 'x');
	}
	assert.match((await type('erase')).err, /Show or erase whom/);
	assert.match((await type('show', 'Nobody')).err, /Nobody is called Nobody here/);
	const two = await type('show', 'Ada', 'Lovelace');
	assert.match(two.err, new RegExp(`2 people are called Ada Lovelace:\\n(.*\\n)*${other.name}: .*ada lovelace in the room “Jour 1”`));
	const shown = await type('show', ada.name);
	for (const line of [/by an account Ada Lovelace/, / 1 {2}certificates, with the name on them/, / 1 {2}steps\n/, /images in the registry/])
		assert.match(shown.out, line);
	for (const path of [files[0] ?? '', join(data, 'transcripts/c', ada.name)]) assert.ok(shown.out.includes(path), path);
	const unasked = await type('erase', ada.name);
	assert.match(unasked.err, new RegExp(`Logs go on naming ${ada.name}\\. Nobody is there to answer\\.\\n--yes answers it`));
	const unlock = lockFolder(data);
	const running = await type('erase', ada.name, '--yes');
	unlock();
	assert.match(running.err, /Another server runs/);
	store.putSandbox({ name: 'left', course: 'c', learner: ada.id, state: 'ready', created: 0, claimed: 0, seen: 0 });
	assert.match(
		(await type('erase', ada.name, '--yes', '--end')).err,
		/A server before has left a sandbox.*nothing was erased\.\n.*etabli up/s,
	);
	store.removeSandbox('left');
	assert.ok([...files, image].every(existsSync));
	assert.equal(store.people.learner(ada.id)?.name, ada.name);

	const erased = await type('erase', ada.name, '--yes');
	assert.deepEqual([erased.status, erased.err], [0, '']);
	assert.deepEqual([...files, image].filter(existsSync), []);
	assert.deepEqual([store.people.learner(ada.id), store.erasing.holdings(ada.id)], [undefined, []]);
	assert.equal(rooms.people(room.id)[0]?.name, 'ada lovelace', 'another person of that name');
	assert.doesNotMatch(readFileSync(join(data, 'store.sqlite')).toString('latin1'), /Ada King|ada-7/);
});
