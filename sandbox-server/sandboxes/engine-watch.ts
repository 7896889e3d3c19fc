/** Knows whether the engine answers: watches it, notices when it goes, asks until it is back. */
import { type Engine, EngineAway } from '../engines/engine.ts';
import { type Clock, withDeadline } from './clock.ts';
import type { Log } from './deps.ts';

const answerMs = 5000;
/** Pauses between attempts, ms; the last one repeats. An attempt costs next to nothing, and learners wait meanwhile. */
const pauses = [500, 1000, 2000, 3000];

export interface EngineWatchOptions {
	engine: Engine;
	clock: Clock;
	log: Log;
	/** A sandbox ended by itself. */
	onEnd: (name: string) => void;
	onAway: () => void;
	/** It answers: for the first time, or again. Ends may have been missed. */
	onBack: () => void;
}

export class EngineWatch {
	readonly #options: EngineWatchOptions;
	#away = true;
	#failures = 0;
	#stopWatch: (() => void) | undefined;
	#cancelRetry: (() => void) | undefined;
	#closed = false;

	constructor(options: EngineWatchOptions) {
		this.#options = options;
	}

	get away(): boolean {
		return this.#away;
	}

	/** The first attempt; resolves when it has succeeded or failed. */
	async start(): Promise<void> {
		await this.#attempt();
	}

	/** Somebody's call got no answer. */
	lost(error: unknown): void {
		if (this.#away || this.#closed) return;
		this.#away = true;
		this.#stopWatch?.();
		this.#stopWatch = undefined;
		this.#options.log.warn({ err: error }, 'the engine does not answer');
		this.#options.onAway();
		this.#retry();
	}

	#retry(): void {
		if (this.#closed) return;
		const pause = pauses[Math.min(this.#failures, pauses.length - 1)] ?? 1000;
		this.#cancelRetry?.();
		this.#cancelRetry = this.#options.clock.after(pause, () => void this.#attempt());
	}

	async #attempt(): Promise<void> {
		const { log, onBack } = this.#options;
		try {
			await this.#connect();
		} catch (error) {
			if (this.#closed) return;
			if (this.#failures === 0) log.warn({ err: error, away: error instanceof EngineAway }, 'the engine cannot be reached; trying on');
			this.#failures++;
			return this.#retry();
		}
		if (this.#closed) return;
		this.#failures = 0;
		this.#away = false;
		onBack();
	}

	async #connect(): Promise<void> {
		const { engine, clock, onEnd } = this.#options;
		await withDeadline({ clock, ms: answerMs }, (signal) => engine.info(signal));
		const stop = await withDeadline({ clock, ms: answerMs }, async (signal) => {
			const stopWatch = await engine.watch(onEnd, () => void this.#broken());
			// Too late: nobody would ever stop it.
			if (signal.aborted) stopWatch();
			return stopWatch;
		});
		if (this.#closed) stop();
		else this.#stopWatch = stop;
	}

	/** The events have ended. An engine that answers all the same is not away; but ends may have been missed. */
	async #broken(): Promise<void> {
		if (this.#away || this.#closed) return;
		this.#stopWatch = undefined;
		try {
			await this.#connect();
		} catch (error) {
			return this.lost(error);
		}
		if (!this.#closed && !this.#away) this.#options.onBack();
	}

	close(): void {
		this.#closed = true;
		this.#cancelRetry?.();
		this.#stopWatch?.();
	}
}
