/** The disk of the data folder fills up while a class works: it goes on, says so, and is as before once there is room. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { eventually } from '../fixtures/eventually.ts';
import { WholeServer } from '../fixtures/server.ts';

/** Homes are kept only where half a GiB is left besides. */
const size = '720m';

/** A folder on a disk of its own; undefined where nothing may be mounted. */
function smallDisk(t: TestContext): string | undefined {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'etabli-test', folder], { stdio: 'pipe' });
	} catch {
		rmdirSync(folder);
		return undefined;
	}
	t.after(() => {
		execFileSync('umount', ['--lazy', folder]);
		rmdirSync(folder);
	});
	return folder;
}

/** Not a byte is left. @returns frees it again */
function fill(data: string): () => void {
	const ballast = join(data, 'ballast');
	// What the server gives back meanwhile is taken, too.
	do execFileSync('sh', ['-c', 'cat /dev/zero >> "$1" 2>/dev/null || true', 'sh', ballast]);
	while (statfsSync(data).bavail > 0);
	return () => rmSync(ballast);
}

test('the disk fills up under a class at work: it goes on and says so, and nothing is missing once there is room', async (t) => {
	const data = smallDisk(t);
	if (data === undefined) return t.skip('only root may mount a small disk');
	const server = new WholeServer({ data });
	t.after(async () => {
		await server.kill('SIGTERM');
		const { containers } = await server.engine();
		for (const name of await server.containers()) await containers.destroy(name);
	});
	await server.serve();
	const [ada, dora] = [await server.withTerminal(), await server.withTerminal()];
	const carol = await server.learner().connect();
	const terminal = await ada.terminal();
	await terminal.run('echo before');
	await (await dora.terminal()).run('echo dora');
	const free = fill(data);

	// Who is at work goes on, and is told once.
	assert.match(await terminal.run('echo "while $((6 * 7))"; touch done.txt'), /while 42/);
	await ada.until(() => ada.steps.get('write')?.state === 'passed', 'the step to be passed all the same');
	assert.match(await terminal.run('echo "second $((6 * 7))"'), /second 42/);
	assert.match(await (await ada.terminal('2')).run('echo "two $((6 * 7))"'), /two 42/);
	assert.deepEqual(ada.notices, ['server-full']);
	assert.match(ada.noticed[0] ?? '', /disk of the server is full.*Tell the trainer/);
	await ada.disconnect();
	await ada.connect();
	await ada.until(() => ada.sandbox.state === 'ready', 'the sandbox as before');
	assert.equal(ada.steps.get('write')?.state, 'passed');

	// What needs room is refused in the same words.
	for (let visitor = 0; visitor < 50; visitor++) {
		const refusal = await server
			.learner()
			.get('/api/session')
			.then(() => undefined, String);
		if (refusal !== undefined) assert.match(refusal, /507 .*server-full.*disk of the server is full/);
	}
	// Or it works: the database may just have room left in its own files.
	carol.send({ type: 'start' });
	await carol.until(() => carol.errors.length > 0 || carol.sandbox.state === 'ready', 'a sandbox, or the refusal');
	if (carol.sandbox.state !== 'ready') {
		assert.deepEqual([carol.errors, carol.sandbox.state], [['server-full'], 'none']);
		assert.match(carol.sandbox.reason ?? '', /disk of the server is full/);
	}
	// To put a sandbox away needs none; its files are not kept, and that is said.
	const left = (await dora.request('DELETE', '/api/sandboxes/trial?language=en')) as { state: string; reason?: string };
	assert.equal(left.state, 'none');
	assert.match(left.reason ?? '', /could not be kept/);
	assert.ok((await server.sandboxes()).length <= 2, 'Dora’s is gone');
	assert.ok(server.running);
	const second = spawnSync(
		process.execPath,
		[join(root, 'sandbox-server/cli/main.ts'), 'up', '--engine', 'none', '--port', '0', '--data', data],
		{
			cwd: root,
			encoding: 'utf8',
			env: { ...process.env, NODE_TEST_CONTEXT: undefined },
		},
	);
	assert.match(second.stdout + second.stderr, /The disk is full: .*\nFree some space/);

	free();
	// Everything comes right by itself, within the server's own five seconds.
	const bob = await server.withTerminal();
	assert.match(await (await bob.terminal()).run('echo "bob $((6 * 7))"'), /bob 42/);
	await carol.start();
	await (await ada.terminal()).run('echo after');
	const recorded = ['echo before', 'echo "while', 'echo "second', 'echo "two', 'echo after'];
	const history = await eventually(async () => {
		const { message = '' } = await ada.check('history');
		return recorded.every((command) => message.includes(command)) ? message : undefined;
	}, 'what was typed meanwhile to be recorded');
	for (const command of recorded) assert.equal(history.split(command).length, 2, `${command}: ${history}`);
	// Killed now, it comes back with all of that.
	await server.kill('SIGKILL');
	await server.serve();
	await ada.connect();
	await ada.until(() => ada.sandbox.state === 'ready', 'the sandbox');
	assert.equal(ada.steps.get('write')?.state, 'passed');
	assert.equal((await ada.check('history')).message, history);
	await eventually(async () => (await server.sandboxes()).length === 3, 'Ada’s, Bob’s and Carol’s');
	const database = new DatabaseSync(join(data, 'store.sqlite'), { readOnly: true });
	assert.deepEqual(
		database
			.prepare('pragma integrity_check')
			.all()
			.map((row) => row['integrity_check']),
		['ok'],
	);
	assert.equal(database.prepare('select count(*) as rows from sandbox').get()?.['rows'], 3);
	database.close();
	// The log may have gaps, and says the one thing.
	const faults = server
		.log()
		.split('\n')
		.filter((line) => line.includes('"level":50'));
	for (const line of faults) assert.match(line, /disk .*is full|could not be started/);
	assert.ok(server.running);
});
