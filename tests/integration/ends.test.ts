/** The program beside the server that tells of the ends of processes: of each once, and of none that runs. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../../sandbox-server/platform/start-time.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { eventually } from '../fixtures/eventually.ts';
import { agentProgram } from './agent-harness.ts';

/** @param files that it may have open */
async function watching(t: TestContext, files: number) {
	const watch = spawn('bash', ['-c', `ulimit -n ${files}; exec "$0" --watch-ends`, await agentProgram()], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	t.after(() => watch.kill('SIGKILL'));
	let told = '';
	watch.stdout.on('data', (text: Buffer) => (told += text.toString()));
	return { watch, told: () => told, add: (name: string, pid: number, started: string) => watch.stdin.write(`${name} ${pid} ${started}\n`) };
}

async function process(t: TestContext): Promise<{ child: ChildProcess; pid: number; started: string }> {
	const child = spawn('sleep', ['600'], { stdio: 'ignore' });
	t.after(() => child.kill('SIGKILL'));
	await once(child, 'spawn');
	const pid = child.pid ?? 0;
	return { child, pid, started: startTime(pid) ?? '' };
}

for (const [files, how] of [
	[1024, 'with a descriptor of each'],
	// Input, output, errors, and one to look with.
	[4, 'with no descriptor to spare'],
] as const) {
	test(`ends are told ${how}`, { timeout: patience(120_000) }, async (t) => {
		const { watch, told, add } = await watching(t, files);
		const some = await Promise.all(Array.from({ length: 3 }, () => process(t)));
		for (const [at, { pid, started }] of some.entries()) add(`one-${at}`, pid, started);
		// A number that is another's now.
		add('earlier', some[0]?.pid ?? 0, '1');
		await eventually(() => told() === 'earlier\n', 'the one that is gone to be told');
		await sleep(700);
		assert.equal(told(), 'earlier\n', 'nothing of those that run');
		some[1]?.child.kill('SIGKILL');
		await eventually(() => told() === 'earlier\none-1\n', 'its end to be told');
		watch.stdin.end();
		assert.deepEqual(await once(watch, 'exit'), [0, null]);
		assert.equal(told(), 'earlier\none-1\n');
	});
}
