/** Containers that the server starts itself: what an engine's daemon would otherwise see to is seen to, also when the server is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pack } from 'tar-stream';
import { MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { Bundles } from '../../sandbox-server/runtimes/oci/bundles.ts';
import type { SandboxSpec } from '../../sandbox-server/runtimes/runtime.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { idleCommand, realRuntime } from '../contract/real-runtimes.ts';
import { eventually } from '../fixtures/eventually.ts';
import { agentProgram } from './agent-harness.ts';

const real = await realRuntime('oci');
/** How often the server is killed in the middle of its starts. */
const kills = Number(process.env['ETABLI_TEST_KILLS'] ?? 6);

function place(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** Everything of such names that the machine has: processes, control groups, mounts, bundles, states of the OCI runtime. */
function remains(part: string): string[] {
	const found = ['bundles', 'states'].flatMap((kind) => readdirSync(join('/run/etabli', kind)).filter((name) => name.includes(part)));
	for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
		try {
			// It has ended, and whoever would collect it is gone: left to process 1, which in some containers collects nobody.
			if (/^State:\tZ[\s\S]*^PPid:\t1$/m.test(readFileSync(`/proc/${name}/status`, 'utf8'))) continue;
			const groups = readFileSync(`/proc/${name}/cgroup`, 'utf8');
			if (groups.includes(part) || readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`-${part}-`)) found.push(`process ${name}`);
		} catch {
			// It has ended since it was listed.
		}
	}
	for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) if (line.includes(part)) found.push(line);
	// "": cgroup v2 has one hierarchy, which is that folder itself.
	for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup')]) {
		const groups = join('/sys/fs/cgroup', hierarchy, 'etabli');
		if (existsSync(groups)) found.push(...readdirSync(groups).filter((name) => name.includes(part)));
	}
	return found;
}

describe('containers that the server starts itself', { skip: 'missing' in real ? real.missing : false }, () => {
	const run = randomBytes(4).toString('hex');
	const label = { 'etabli.test': run };
	const spec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => ({
		name: `etabli-test-${run}-${randomBytes(3).toString('hex')}`,
		image: 'missing' in real ? '' : real.image,
		ociRuntime: undefined,
		limits: limitsSchema.parse({ memory: '128 MiB', home: { size: '8 MiB', files: 200 }, tmp: { size: '8 MiB', files: 200 } }),
		labels: label,
		...changes,
	});
	const runtimeIn = (folder: string, command = idleCommand) => {
		if ('missing' in real) throw new Error(real.missing);
		return real.engine.runtime({ folders: new MountedFolders(join(folder, 'sandboxes')), guest: folder, command });
	};

	it('have nothing of the server’s: no file, no socket, no pipe', async (t) => {
		if ('missing' in real) return;
		const runtime = runtimeIn(place(t));
		const one = spec();
		t.after(() => runtime.destroy(one.name));
		await runtime.start(one);
		const pid = await real.engine.pid(one.name);
		// Until then it is the OCI runtime, about to become it, or reads its libraries.
		const waits = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim() !== '';
		await eventually(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sh') && waits(), 'the main process');
		const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
		assert.deepEqual([...new Set(open)], ['/dev/null']);
		assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /ETABLI_|NODE_/);
	});

	it('are not taken for others whose number they had', async (t) => {
		if ('missing' in real) return;
		const runtime = runtimeIn(place(t));
		const one = spec();
		await runtime.start(one);
		const bundles = new Bundles('/run/etabli/bundles');
		const note = bundles.read(one.name);
		assert.ok(note?.main);
		process.kill(note.main.pid, 'SIGKILL');
		// A process that has the number now: this one.
		bundles.write(one.name, { ...note, main: { pid: process.pid, started: note.main.started } });
		assert.equal(await runtime.status(one.name), 'ended');
		const ended = Promise.withResolvers<string>();
		const watching = real.engine.runtime({ folders: new MountedFolders(tmpdir()), guest: join(await agentProgram(), '..') });
		const stop = await watching.watch((name) => name === one.name && ended.resolve(name), ended.reject);
		stop();
		await runtime.destroy(one.name);
		await eventually(() => remains(one.name).length === 0, 'nothing to be left').catch(() => undefined);
		assert.deepEqual(remains(one.name), []);
	});

	it('mount nothing outside of themselves, wherever the links of an image lead', async (t) => {
		if ('missing' in real) return;
		const folder = place(t);
		const victim = join(folder, 'victim');
		mkdirSync(victim);
		writeFileSync(join(folder, 'agent'), readFileSync(await agentProgram()), { mode: 0o755 });
		const reference = `etabli-test-links:${run}`;
		const archive = pack();
		archive.entry({ name: 'agent', mode: 0o755 }, readFileSync(await agentProgram()));
		for (const name of ['run', 'opt', 'home', 'tmp', 'dev', 'proc', 'sys', 'etc'])
			archive.entry({ name, type: 'symlink', linkname: name === 'home' ? `../../../../..${victim}` : victim });
		archive.finalize();
		await real.engine.images.importRoot(Readable.from(archive), reference);
		t.after(() => real.engine.images.untag(reference));
		const one = spec({ image: reference });
		const runtime = runtimeIn(folder, ['/agent', '--socket', '/run/etabli/agent.sock']);
		t.after(() => runtime.destroy(one.name));
		// Whether such an image can be started at all is the OCI runtime's affair.
		await runtime.start(one).catch(() => undefined);
		assert.deepEqual(readdirSync(victim), []);
		assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes(victim));
	});

	it('are all found again and cleared away when the server is killed in the middle of its starts', async (t) => {
		if ('missing' in real) return;
		const folder = place(t);
		let started = 0;
		for (let kill = 0; kill < kills; kill++) {
			const child = spawn(process.execPath, [join(import.meta.dirname, '../fixtures/start-many.ts'), real.image, run, folder], {
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			child.stdout.on('data', () => started++);
			await once(child.stdout, 'data');
			await sleep(Math.random() * 300);
			child.kill('SIGKILL');
			await once(child, 'exit');
		}
		assert.ok(started >= kills);
		const runtime = runtimeIn(folder);
		const found = await runtime.list({ key: 'etabli.test', value: run });
		assert.ok(found.length > 0);
		await Promise.all(found.map(({ name }) => runtime.destroy(name)));
		assert.deepEqual(await runtime.list({ key: 'etabli.test', value: run }), []);
		// What has been killed may still have to be collected by its parent.
		await eventually(() => remains(run).length === 0, 'nothing to be left').catch(() => undefined);
		assert.deepEqual(remains(run), []);
	});
});
