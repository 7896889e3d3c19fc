/** Starts and stops learners who flood (flood-worker.ts). */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MeasuredServer } from './server.ts';

export class Flood {
	readonly #worker: Worker;
	#begun = 0;

	private constructor(worker: Worker) {
		this.#worker = worker;
	}

	/** `learners` with a sandbox each, at their prompts. */
	static async lab(server: MeasuredServer, learners: number): Promise<Flood> {
		const worker = new Worker(join(import.meta.dirname, 'flood-worker.ts'), { workerData: { address: server.address, learners } });
		await once(worker, 'message'); // Rejects when the worker fails.
		return new Flood(worker);
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
