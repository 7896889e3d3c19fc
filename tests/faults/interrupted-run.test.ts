/** A run of the tests is interrupted, or killed: no process, container, mount or file of it is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { processesOf } from '../../sandbox-server/tools/testing/tidy.ts';
import { eventually } from '../fixtures/eventually.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
	test(`${signal} in the middle of a run leaves nothing`, async (t) => {
		const notes = mkdtempSync(join(tmpdir(), 'etabli-'));
		t.after(() => rmSync(notes, { recursive: true, force: true }));
		const [where, lasting] = [join(notes, 'folder'), join(notes, 'lasting')];
		const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'tests/fixtures/lasting-run.ts'), where], {
			cwd: root,
			env: { ...process.env, NODE_TEST_CONTEXT: undefined, ETABLI_TEST_LASTING: lasting },
			stdio: ['ignore', 'inherit', 'inherit'],
		});
		t.after(() => child.kill('SIGKILL'));
		await eventually(() => existsSync(lasting), 'the tests to be at work');
		const folder = readFileSync(where, 'utf8');
		const engine = await connectEngine({ url: process.env['ETABLI_TEST_ENGINE'] ?? '', stateDir: notes });
		const containers = (): Promise<string[]> => engine.using(folder);
		assert.equal((await containers()).length, 1);
		assert.ok(processesOf(folder).length >= 3, 'runner, test and server');

		const ended = once(child, 'exit');
		child.kill(signal);
		await ended;
		if (signal !== 'SIGKILL') assert.ok(!existsSync(folder), 'whoever interrupts it sees it tidy when the command is back');
		await eventually(() => !existsSync(folder), 'the folder to be gone');
		assert.deepEqual([processesOf(folder), await containers()], [[], []]);
	});
}
