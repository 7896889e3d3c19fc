/** A real hardened sandbox on a real engine, with the real holder: scripts run in it as the learner. */
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxEnv } from '../../sandbox-server/engines/spec.ts';
import { HolderListener } from '../../sandbox-server/holder/connection.ts';
import type { Holder, ScriptResult } from '../../sandbox-server/holder/holder.ts';
import { limitsSchema } from '../../src/shared/course.ts';
import { type RealEngine, realEngine, unique } from '../contract/real-engines.ts';
import { holderProgram } from './holder-bench.ts';

export const bounds = {
	memory: '512 MiB',
	cpus: 2,
	processes: 128,
	home: { size: '200 MiB', files: 3000 },
	tmp: { size: '96 MiB', files: 3000 },
};

/** An engine with the course's image, or a reason why there is none. */
export async function sandboxEngine(): Promise<RealEngine | { missing: string }> {
	return await realEngine(process.env['ETABLI_TEST_ENGINE'], 'holder');
}

export class SandboxBench {
	readonly name = unique('etabli-test-bench');
	readonly #real: RealEngine;
	#folder = '';
	#listener: HolderListener | undefined;
	#holder: Holder | undefined;

	constructor(real: RealEngine) {
		this.#real = real;
	}

	/** Folder that the sandbox sees at /run/etabli. */
	get sockets(): string {
		return join(this.#folder, 'sockets');
	}

	async start(): Promise<void> {
		this.#folder = await mkdtemp(join(tmpdir(), 'etabli-bench-'));
		await chmod(this.#folder, 0o711);
		const guest = join(this.#folder, 'guest');
		for (const folder of [guest, this.sockets]) await mkdir(folder);
		await copyFile(await holderProgram(), join(guest, 'holder'));
		const connected = new Promise<Holder>((resolve) => {
			void HolderListener.listen(join(this.sockets, 'holder.sock'), resolve).then((listener) => {
				this.#listener = listener;
			});
		});
		const { engine, image } = this.#real;
		await engine.start({
			name: this.name,
			image,
			runtime: undefined,
			limits: limitsSchema.parse(bounds),
			sockets: this.sockets,
			guest,
			labels: { 'etabli.test': '1' },
		});
		this.#holder = await connected;
	}

	/** Runs a shell script as the learner. */
	async run(script: string, options: { timeLimitMs?: number; env?: Record<string, string>; shell?: string } = {}): Promise<ScriptResult> {
		if (!this.#holder) throw new Error('the sandbox has not been started');
		const { timeLimitMs = 60_000, env = {}, shell = '/bin/sh' } = options;
		return await this.#holder.run({
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

	/** Its sockets' folder is removed, as by a server that believes it gone. */
	async forget(): Promise<void> {
		await this.#listener?.close();
		await rm(this.sockets, { recursive: true });
	}

	async stop(): Promise<void> {
		await this.#real.engine.destroy(this.name);
		await this.#listener?.close();
		await rm(this.#folder, { recursive: true, force: true });
	}
}
