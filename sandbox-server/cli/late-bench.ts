/**
 * A bench whose engine does not answer yet: the server is up meanwhile and says so to learners, the engine is asked for again and again, and
 * what its sandboxes need is made ready as soon as it answers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineAway } from '../engines/engine.ts';
import { LateEngine } from '../engines/late-engine.ts';
import type { Listening, SandboxDeps } from '../sandboxes/deps.ts';
import { Failure } from '../setup/failure.ts';
import type { LaterWorkshop, Workshop } from '../setup/prepare.ts';
import type { Bench, BenchRequest } from './bench.ts';

/** Between two questions whether it is there, ms. */
const defaultAskMs = 2000;
/** After a preparation that failed, ms: it may take minutes, and its cause is seldom gone at once. */
const failedMs = 60_000;

export interface LateBenchRequest extends Omit<BenchRequest, 'workshop' | 'signal'>, LaterWorkshop {
	/** Makes the real one of the workshop; `openBench`. */
	open: (request: BenchRequest) => Promise<Bench>;
	/** Between two questions whether the engine is there, ms. */
	askMs?: number;
}

type ListenRegistry = NonNullable<SandboxDeps['listenRegistry']>;

/** Somebody's registry socket that was asked for before there was a registry. */
interface Asked {
	path: string;
	who: Parameters<ListenRegistry>[1];
	listening: Listening | undefined;
}

export class LateBench implements Bench {
	readonly #request: LateBenchRequest;
	readonly #engine = new LateEngine();
	readonly #ended = new AbortController();
	readonly #work: Promise<void>;
	readonly #asked = new Set<Asked>();
	#workshop: Workshop | undefined;
	#bench: Bench | undefined;

	constructor(request: LateBenchRequest) {
		this.#request = request;
		this.#work = this.#wait();
	}

	get parts(): Bench['parts'] {
		return {
			engine: this.#engine,
			image: (course) => this.#bench?.parts.image(course) ?? '',
			guest: this.#request.guest,
			local: this.#request.local,
			listenRegistry: (path, who) => this.#listenRegistry(path, who),
		};
	}

	/** undefined until it is there. */
	get workshop(): Workshop | undefined {
		return this.#workshop;
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
					if (signal.aborted || error instanceof EngineAway) return askMs;
					const text = error instanceof Failure ? [error.message, error.hint].filter(Boolean).join('\n') : String(error);
					onFault(error);
					if (text !== told)
						progress.say(`\nThe container engine answers, but sandboxes cannot be made yet; tried again every minute:\n${text}\n`);
					told = text;
					return failedMs;
				},
			);
			if (this.#bench) return;
			await sleep(pause, undefined, { signal }).catch(() => undefined); // The end comes in between.
		}
	}

	async #attempt(signal: AbortSignal): Promise<void> {
		const workshop = await this.#request.attempt(signal);
		if (!workshop) return;
		this.#workshop = workshop;
		const bench = await this.#request.open({ ...this.#request, workshop, signal });
		this.#bench = bench;
		for (const warning of bench.parts.warnings ?? []) this.#request.onFault(new Error(warning));
		for (const asked of this.#asked) await this.#serve(asked).catch(this.#request.onFault);
		this.#engine.arrive(workshop.engine);
		this.#request.progress.say('The container engine answers: sandboxes can be had.');
	}

	async #listenRegistry(path: string, who: Asked['who']): Promise<Listening> {
		const asked: Asked = { path, who, listening: undefined };
		this.#asked.add(asked);
		if (this.#bench) await this.#serve(asked);
		return {
			close: async () => {
				this.#asked.delete(asked);
				await asked.listening?.close();
			},
		};
	}

	async #serve(asked: Asked): Promise<void> {
		const listening = await this.#bench?.parts.listenRegistry?.(asked.path, asked.who);
		if (this.#asked.has(asked)) asked.listening = listening;
		else await listening?.close();
	}

	async close(keep: boolean): Promise<void> {
		this.#ended.abort(new Error('the server stops'));
		await this.#work;
		await this.#bench?.close(keep);
	}
}
