/**
 * Parts of sandboxes whose engine does not answer yet: the server is up meanwhile and says so to learners, the engine is asked for again and again, and
 * what its sandboxes need is made ready as soon as it answers.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { LateRuntime } from '../runtimes/late-runtime.ts';
import { MountedFolders } from '../runtimes/mounted-folder.ts';
import { RuntimeAway } from '../runtimes/runtime.ts';
import type { Transport } from '../runtimes/transport.ts';
import type { Listening } from '../sandboxes/sandbox-deps.ts';
import { Failure } from '../setup/failure.ts';
import type { LaterMachinery, Machinery } from '../setup/prepare.ts';
import type { Owned } from '../store/store.ts';
import type { OpenParts, PartsRequest } from './sandbox-parts.ts';

/** Between two questions whether it is there, ms. */
const defaultAskMs = 2000;
/** After a preparation that failed, ms: it may take minutes, and its cause is seldom gone at once. */
const failedMs = 60_000;

export interface LatePartsRequest extends Omit<PartsRequest, 'machinery' | 'signal'>, LaterMachinery {
	/** Makes the real one of the machinery; `openParts`. */
	open: (request: PartsRequest) => Promise<OpenParts>;
	/** Between two questions whether the engine is there, ms. */
	askMs?: number;
}

/** A sandbox whose registry was asked for before there was one. */
interface Asked {
	transport: Transport;
	whose: Owned;
	listening: Listening | undefined;
}

export class LateParts implements OpenParts {
	readonly #request: LatePartsRequest;
	readonly #runtime: LateRuntime;
	readonly #ended = new AbortController();
	readonly #work: Promise<void>;
	readonly #asked = new Set<Asked>();
	#machinery: Machinery | undefined;
	#opened: OpenParts | undefined;

	constructor(request: LatePartsRequest) {
		this.#request = request;
		this.#runtime = new LateRuntime(new MountedFolders(request.paths.sandboxes));
		this.#work = this.#wait();
	}

	get parts(): OpenParts['parts'] {
		return {
			runtime: this.#runtime,
			image: (course) => this.#opened?.parts.image(course) ?? '',
			local: this.#request.local,
			registryRoom: () => this.#opened?.parts.registryRoom?.(),
			courseImages: () => this.#opened?.parts.courseImages?.(),
			listenRegistry: (transport, whose) => this.#listenRegistry(transport, whose),
		};
	}

	/** undefined until it is there. */
	get machinery(): Machinery | undefined {
		return this.#machinery;
	}

	/** Never rejects. */
	async #wait(): Promise<void> {
		const { signal } = this.#ended;
		const { onFault, progress, askMs = defaultAskMs } = this.#request;
		let told = '';
		while (!signal.aborted) {
			const pause = await this.#attempt(signal).then(
				() => askMs,
				(error: unknown) => {
					if (signal.aborted || error instanceof RuntimeAway) return askMs;
					const text = error instanceof Failure ? [error.message, error.hint].filter(Boolean).join('\n') : String(error);
					onFault(error);
					if (text !== told)
						progress.say(`\nThe container engine answers, but sandboxes cannot be made yet; tried again every minute:\n${text}\n`);
					told = text;
					return failedMs;
				},
			);
			if (this.#opened) return;
			await sleep(pause, undefined, { signal }).catch(() => undefined); // The end comes in between.
		}
	}

	async #attempt(signal: AbortSignal): Promise<void> {
		const machinery = await this.#request.attempt(signal);
		if (!machinery) return;
		this.#machinery = machinery;
		const opened = await this.#request.open({ ...this.#request, machinery, signal });
		this.#opened = opened;
		// Whoever asks from here on is served at once.
		const asked = [...this.#asked];
		for (const one of asked) await this.#serve(one).catch(this.#request.onFault);
		this.#runtime.arrive(opened.parts.runtime);
		this.#request.progress.say('The container engine answers: sandboxes can be had.');
	}

	async #listenRegistry(transport: Transport, whose: Owned): Promise<Listening> {
		const asked: Asked = { transport, whose, listening: undefined };
		this.#asked.add(asked);
		try {
			if (this.#opened) await this.#serve(asked);
		} catch (error) {
			this.#asked.delete(asked);
			throw error;
		}
		return {
			close: async () => {
				this.#asked.delete(asked);
				await asked.listening?.close();
			},
		};
	}

	async #serve(asked: Asked): Promise<void> {
		if (!this.#asked.has(asked)) return;
		const listening = await this.#opened?.parts.listenRegistry?.(asked.transport, asked.whose);
		if (this.#asked.has(asked)) asked.listening = listening;
		else await listening?.close();
	}

	async close(keep: boolean): Promise<void> {
		this.#ended.abort(new Error('the server stops'));
		await this.#work;
		await this.#opened?.close(keep);
	}
}
