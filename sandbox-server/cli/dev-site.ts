/** Astro's development server, which shows pages as they are saved, on any free port of this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeEnv } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import type { Progress } from '../setup/progress.ts';

export interface DevSiteRequest {
	/** Absolute paths. */
	courses: readonly string[];
	/** Absolute path of the operator's cluster profile. */
	clusterProfile?: string | undefined;
	progress: Progress;
}

/** How long it may take to come up, ms: its first start looks at every dependency. */
const patience = 120_000;
/** How long it may take to end after SIGTERM, ms. */
const farewell = 5_000;

export class DevSite {
	/** Where the pages are; changes when it is started anew. */
	address = '';
	readonly #request: DevSiteRequest;
	#child: ChildProcess | undefined;
	#said: string[] = [];

	constructor(request: DevSiteRequest) {
		this.#request = request;
	}

	/** @throws Failure with its words when it does not come up */
	async start(): Promise<void> {
		const { courses, clusterProfile, progress } = this.#request;
		const astro = join(root, 'node_modules/astro/bin/astro.mjs');
		const port = String(await freePort());
		const child = spawn(process.execPath, [astro, 'dev', '--port', port, '--host', '127.0.0.1'], {
			cwd: root,
			env: {
				...nodeEnv(),
				ETABLI_COURSES: JSON.stringify(courses),
				ETABLI_CLUSTER_PROFILE: clusterProfile,
				FORCE_COLOR: '0',
				NO_COLOR: '1',
			},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.#child = child;
		this.#said = [];
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(this.#failure('does not come up')), patience);
			const hear = (line: string) => {
				this.#said.push(line);
				progress.detail(line);
				const address = /(https?:\/\/\S+:\d+)\/?/.exec(line)?.[1];
				if (address && /Local|Network/.test(line)) {
					clearTimeout(timer);
					this.address = address;
					resolve();
				} else if (/\bERROR\b|\[error\]/i.test(line)) progress.say(line);
			};
			for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', hear);
			child.once('error', reject);
			child.once('close', () => {
				clearTimeout(timer);
				reject(this.#failure('has ended'));
			});
		});
	}

	/** Ends it and starts it anew: what pages know by heart has changed. */
	async restart(): Promise<void> {
		await this.stop();
		await this.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const closed = once(child, 'close');
		child.kill('SIGTERM');
		const timer = setTimeout(() => child.kill('SIGKILL'), farewell);
		await closed;
		clearTimeout(timer);
	}

	#failure(what: string): Failure {
		return new Failure(`The development server of the pages ${what}:\n${this.#said.slice(-12).join('\n').replace(/^/gm, '    ')}`);
	}
}

/** Of this machine; nobody holds it until Astro does, which says so when somebody was faster. */
async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	return typeof address === 'object' && address ? address.port : 0;
}
