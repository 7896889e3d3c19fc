/** Starts and stops learners who flood (flood-worker.ts). */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Kit } from './kit.ts';
import type { MeasuredServer } from './server.ts';

export class Flood {
	readonly #worker: Worker;
	#begun = 0;

	private constructor(worker: Worker) {
		this.#worker = worker;
	}

	/** `learners` with a sandbox each, at their prompts. */
	static async lab(kit: Kit, server: MeasuredServer, learners: number): Promise<Flood> {
		return new Flood(await kit.people('flood-worker.ts', { address: server.address, learners }));
	}

	async begin(): Promise<void> {
		this.#begun = performance.now();
		this.#worker.postMessage('flood');
		await new Promise((resolve) => setTimeout(resolve, 500));
	}

	/** @returns MB/s that came through in all */
	async end(): Promise<number> {
		const seconds = (performance.now() - this.#begun) / 1000;
		this.#worker.postMessage('stop');
		const [bytes] = (await once(this.#worker, 'message')) as [number];
		return bytes / 1e6 / seconds;
	}
}
