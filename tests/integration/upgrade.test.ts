/** A data folder that version 0.1.0 made (tests/fixtures/data-0.1.0) goes on: the same learner, with progress and files. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { WholeServer } from '../fixtures/server.ts';

const before = join(root, 'tests/fixtures/data-0.1.0');
/** The learner's cookie, as that version gave it. */
const cookie = 'etabli=0A8LrrBSkSXQ5CGms1upUKZganlW_nl0.X/SicPOkHsdxs5T67N1vJ1jftRi9XOuMxOZoezXQ3uw';
const name = 'learner-8b1e59';

/** @returns the folder as that version left it; what is kept for some days was kept just now */
function dataFolder(): string {
	const data = mkdtempSync(join(tmpdir(), 'etabli-upgrade-'));
	for (const folder of ['homes', 'transcripts', 'instance']) cpSync(join(before, folder), join(data, folder), { recursive: true });
	writeFileSync(join(data, 'secret'), Buffer.from(readFileSync(join(before, 'secret.base64'), 'utf8'), 'base64'), { mode: 0o600 });
	const store = new DatabaseSync(join(data, 'store.sqlite'));
	store.exec(readFileSync(join(before, 'store.sql'), 'utf8'));
	store.prepare('update home set saved = ?').run(Date.now());
	store.close();
	return data;
}

test('a data folder of version 0.1.0: who was there is known, and nothing of theirs is lost', async (t) => {
	const data = dataFolder();
	const server = new WholeServer({ data, courses: join(root, 'tests/fixtures/courses') });
	t.after(async () => {
		await server.stop();
		rmSync(data, { recursive: true, force: true });
	});
	await server.serve();
	const ada = server.learner({ course: 'demo', lesson: 'first', language: 'fr', cookie });
	await ada.connect();
	assert.equal(ada.name, name);
	assert.equal(ada.steps.get('read-on')?.state, 'passed');
	assert.ok(ada.sandbox.kept, 'the page says that files are kept');

	await ada.start();
	const terminal = await ada.terminal();
	assert.match(
		await terminal.run('cat ~/work/note.txt hello.txt; stat -c "%U %a" ~'),
		/written before the upgrade\s+bonjour\s+learner 700/,
	);

	const answer = await fetch(`${server.address}/api/sandboxes/demo/archive?language=fr`, { headers: { cookie: ada.cookie } });
	assert.equal(answer.status, 200, 'and their work can be taken home');
});
