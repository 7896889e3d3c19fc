/** The measured server as the benchmarks see it: a child process with an address, whose memory and processor time can be read. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchmarkClient } from './client.ts';
import type { Click } from './probe.ts';
import { cpuSeconds } from './proc.ts';
import type { Asked, Said, ServerProcessSettings } from './server-process.ts';

export class MeasuredServer {
	readonly settings: ServerProcessSettings;
	address = '';
	/** Secret of a link that makes a trainer, once. */
	invitation = '';
	/** Clicks seen at the server's door so far. */
	readonly clicks: Click[] = [];
	/** Own time of the checks that ran, ms. */
	readonly judged: number[] = [];
	/** What it said on its error output: warnings of its log. */
	said = '';
	readonly #child: ChildProcess;
	readonly #clients: BenchmarkClient[] = [];
	readonly #waiting = new Set<(message: Said) => void>();

	private constructor(settings: ServerProcessSettings) {
		this.settings = settings;
		this.#child = fork(join(import.meta.dirname, 'server-process.ts'), [JSON.stringify(settings)], {
			execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
			stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
			env: { ...process.env, NODE_TEST_CONTEXT: undefined },
		});
		this.#child.stderr?.on('data', (text: Buffer) => {
			this.said = (this.said + text).slice(-20_000);
		});
		this.#child.stdout?.resume();
		this.#child.on('message', (message: Said) => {
			if (message.said === 'click') this.clicks.push(message.click);
			else if (message.said === 'judged') this.judged.push(message.ms);
			for (const hear of [...this.#waiting]) hear(message);
		});
	}

	/** @throws Error with the server's words when it does not come up */
	static async start(settings: ServerProcessSettings): Promise<MeasuredServer> {
		const server = new MeasuredServer(settings);
		const ready = await server.#hear('ready');
		server.address = ready.address;
		server.invitation = ready.invitation ?? '';
		return server;
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/** A learner's page, connected. */
	async client(cookie?: string): Promise<BenchmarkClient> {
		const client = new BenchmarkClient(this.address, cookie);
		this.#clients.push(client);
		return await client.connect();
	}

	/** A learner at the prompt of a shell. */
	async withTerminal(): Promise<BenchmarkClient> {
		const client = await this.client();
		await client.start();
		await client.open();
		return client;
	}

	/** Bytes, after the garbage has been collected. */
	async memory(): Promise<{ rss: number; heap: number }> {
		this.#ask({ ask: 'memory' });
		return await this.#hear('memory');
	}

	/** Bytes as they are, garbage and all. */
	rss(): number {
		const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
		return Number(found?.[1] ?? Number.NaN) * 1024;
	}

	cpu(): number {
		return cpuSeconds(this.pid);
	}

	/** Requests that it has sent to the API server of its cluster. */
	async questions(): Promise<number> {
		this.#ask({ ask: 'questions' });
		return (await this.#hear('questions')).count;
	}

	/** Ends it as for another version: its sandboxes go on, for one that is started with the same settings. */
	async leave(): Promise<void> {
		const exit = once(this.#child, 'exit');
		this.#ask({ ask: 'leave' });
		await exit;
	}

	/** Sandboxes kept ready from now on. */
	pool(size: number): void {
		this.settings.pool = size;
		this.#ask({ ask: 'pool', size });
	}

	/** Ends it with its sandboxes. */
	async stop(): Promise<void> {
		for (const client of this.#clients) client.drop();
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const exit = once(this.#child, 'exit');
		this.#child.kill('SIGTERM');
		await exit;
	}

	#ask(asked: Asked): void {
		this.#child.send(asked);
	}

	#hear<Name extends Said['said']>(name: Name): Promise<Extract<Said, { said: Name }>> {
		return new Promise((resolve, reject) => {
			const hear = (message: Said) => {
				if (message.said === 'failed') end(() => reject(new Error(`the measured server did not start: ${message.why}`)));
				if (message.said === name) end(() => resolve(message as Extract<Said, { said: Name }>));
			};
			const gone = () => end(() => reject(new Error(`the measured server ended: ${this.said.slice(-2000)}`)));
			const end = (settle: () => void) => {
				this.#waiting.delete(hear);
				this.#child.off('exit', gone);
				settle();
			};
			this.#waiting.add(hear);
			this.#child.once('exit', gone);
		});
	}
}
