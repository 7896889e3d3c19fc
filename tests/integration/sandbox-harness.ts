/** A real hardened sandbox on a real engine, with the real agent: scripts run in it as the learner. */
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent, ScriptResult } from '../../sandbox-server/agent/agent.ts';
import { AgentListener } from '../../sandbox-server/agent/connection.ts';
import { defaultUids } from '../../sandbox-server/options.ts';
import { MountedFolder, MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import type { Runtime } from '../../sandbox-server/runtimes/runtime.ts';
import { sandboxEnv } from '../../sandbox-server/runtimes/sandbox-container.ts';
import { openSandboxIds, type SandboxIds } from '../../sandbox-server/runtimes/sandbox-ids.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { type RealRuntime, realRuntime, unique } from '../contract/real-runtimes.ts';
import { agentProgram } from './agent-harness.ts';

const guestSources = join(import.meta.dirname, '../../sandbox-server/guest');

export const bounds = {
	memory: '512 MiB',
	cpus: 2,
	processes: 128,
	home: { size: '200 MiB', files: 3000 },
	tmp: { size: '96 MiB', files: 3000 },
};

/** An engine with the course's image, or a reason why there is none. */
export async function sandboxEngine(): Promise<RealRuntime | { missing: string }> {
	return await realRuntime(process.env['ETABLI_TEST_ENGINE']);
}

export class SandboxHarness {
	readonly name = unique('etabli-test-sandbox');
	readonly #real: RealRuntime;
	readonly #ociRuntime: string | undefined;
	#folder = '';
	#listener: AgentListener | undefined;
	#agent: Agent | undefined;
	#runtime: Runtime | undefined;
	#ids: SandboxIds | undefined;

	/** @param ociRuntime another one than the engine's default */
	constructor(real: RealRuntime, ociRuntime?: string) {
		this.#real = real;
		this.#ociRuntime = ociRuntime;
	}

	/** Folder that the sandbox sees at /run/etabli. */
	get transport(): MountedFolder {
		return new MountedFolder(this.#folder, this.name);
	}

	/** Not where the engine, or this user, cannot give it one. */
	get hasOwnId(): boolean {
		return this.#ids !== undefined;
	}

	async start(): Promise<void> {
		this.#folder = await mkdtemp(join(tmpdir(), 'etabli-sandbox-'));
		await chmod(this.#folder, 0o711);
		const guest = join(this.#folder, 'guest');
		await mkdir(guest);
		await copyFile(await agentProgram(), join(guest, 'agent'));
		for (const name of ['bashrc', 'marks.bash', 'check.sh', 'cluster', 'cluster-ssh', 'cluster-view'])
			await copyFile(join(guestSources, name), join(guest, name));
		const connected = new Promise<Agent>((resolve) => {
			void AgentListener.listen(this.transport, resolve).then((listener) => {
				this.#listener = listener;
			});
		});
		const { engine, image } = this.#real;
		const { mapsUsers } = await engine.info();
		this.#ids = openSandboxIds(defaultUids, { local: engine.local, mapsUsers }).ids;
		this.#runtime = engine.runtime({ folders: new MountedFolders(this.#folder), guest, ids: this.#ids });
		await this.#runtime.start({
			name: this.name,
			image,
			ociRuntime: this.#ociRuntime,
			limits: limitsSchema.parse(bounds),
			labels: { 'etabli.test': '1' },
		});
		this.#agent = await connected;
	}

	/** The server's end of the connection is made anew, as after its restart; resolves when the agent is back. */
	async reconnect(): Promise<void> {
		await this.#listener?.close();
		this.#agent = await new Promise<Agent>((resolve, reject) => {
			AgentListener.listen(this.transport, resolve).then((listener) => {
				this.#listener = listener;
			}, reject);
		});
	}

	/** Runs a shell script as the learner. */
	async run(script: string, options: { timeLimitMs?: number; env?: Record<string, string>; shell?: string } = {}): Promise<ScriptResult> {
		if (!this.#agent) throw new Error('the sandbox has not been started');
		const { timeLimitMs = patience(60_000), env = {}, shell = '/bin/sh' } = options;
		return await this.#agent.run({
			name: 'test',
			script: `#!${shell}\n${script}\n`,
			cwd: '/home/learner',
			env: { ...sandboxEnv, ...env },
			timeLimitMs,
			outputLimit: 256 * 1024,
		});
	}

	/** Standard output of a script that has to succeed. */
	async output(script: string, options: { timeLimitMs?: number; env?: Record<string, string> } = {}): Promise<string> {
		const { outcome, code, stdout, stderr } = await this.run(script, options);
		if (outcome !== 'exited' || code !== 0) throw new Error(`${script}\n→ ${outcome} ${code}\n${stdout}${stderr}`);
		return stdout;
	}

	/** As Runtime.release. */
	async release(): Promise<boolean> {
		return (await this.#runtime?.release(this.name)) ?? false;
	}

	/** Its transport is removed, as by a server that believes it gone. */
	async forget(): Promise<void> {
		await this.#listener?.close();
		await this.transport.remove();
	}

	async stop(): Promise<void> {
		await this.#runtime?.destroy(this.name);
		await this.#runtime?.close?.();
		await this.#listener?.close();
		this.#ids?.close();
		await rm(this.#folder, { recursive: true, force: true });
	}
}
