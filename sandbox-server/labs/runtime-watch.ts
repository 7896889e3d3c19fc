/** Knows whether the engine answers: watches it, notices when it goes, asks until it is back. */

import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { Log } from '../platform/log.ts';
import { type Runtime, RuntimeAway } from '../runtimes/runtime.ts';

const answerMs = 5000;
/** Pauses between attempts, ms; the last one repeats. An attempt costs next to nothing, and learners wait meanwhile. */
const pauses = [500, 1000, 2000, 3000];
/** Events that end sooner than this after their beginning, ms, were of no use: before the next ones there is a pause. */
const steadyMs = 5000;

export interface RuntimeWatchOptions {
	runtime: Runtime;
	clock: Clock;
	log: Log;
	/** A sandbox ended by itself. */
	onEnd: (name: string) => void;
	onAway: () => void;
	/** It answers: for the first time, or again. Ends may have been missed. */
	onBack: () => void;
}

export class RuntimeWatch {
	readonly #options: RuntimeWatchOptions;
	#away = true;
	#failures = 0;
	/** How often a watch has been begun or dropped. */
	#attempts = 0;
	/** When the last watch was begun, ms. */
	#since = 0;
	/** How often in a row the events have ended soon. */
	#breaks = 0;
	#stopWatch: (() => void) | undefined;
	#cancelRetry: (() => void) | undefined;
	#closed = false;

	constructor(options: RuntimeWatchOptions) {
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
		this.#drop();
		this.#options.log.warn({ err: error }, 'the engine does not answer');
		this.#options.onAway();
		this.#later(this.#failures);
	}

	/** The watch that there is, and any that is on its way, count no longer. */
	#drop(): void {
		this.#attempts++;
		this.#stopWatch?.();
		this.#stopWatch = undefined;
	}

	/** Another attempt after a pause, in place of one that was to come. @param times that it was tried in vain */
	#later(times: number): void {
		if (this.#closed) return;
		const pause = pauses[Math.min(times, pauses.length - 1)] ?? 1000;
		this.#cancelRetry?.();
		this.#cancelRetry = this.#options.clock.after(pause, () => void this.#attempt());
	}

	async #attempt(): Promise<void> {
		const { log, onBack } = this.#options;
		try {
			if (!(await this.#connect())) return;
		} catch (error) {
			if (!this.#away) return this.lost(error);
			if (this.#failures === 0) log.warn({ err: error, away: error instanceof RuntimeAway }, 'the engine cannot be reached; trying on');
			return this.#later(++this.#failures);
		}
		this.#failures = 0;
		this.#away = false;
		onBack();
	}

	/** One watch at a time: of several attempts only the latest counts. @returns whether this was it; @throws RuntimeAway, DeadlinePassed */
	async #connect(): Promise<boolean> {
		const { runtime, clock, onEnd } = this.#options;
		this.#drop();
		const mine = this.#attempts;
		const current = () => mine === this.#attempts && !this.#closed;
		try {
			await withDeadline({ clock, ms: answerMs }, (signal) => runtime.info(signal));
			await withDeadline({ clock, ms: answerMs }, async (signal) => {
				this.#since = clock.now();
				const stop = await runtime.watch(onEnd, () => current() && this.#broken());
				// Too late: nobody else would ever stop it.
				if (signal.aborted || !current()) stop();
				else this.#stopWatch = stop;
			});
		} catch (error) {
			if (current()) throw error;
		}
		return current();
	}

	/** The events have ended. An engine that answers all the same is not away; but ends may have been missed. */
	#broken(): void {
		this.#breaks = this.#options.clock.now() - this.#since < steadyMs ? this.#breaks + 1 : 1;
		// One end is nothing; an engine whose events end at once each time would keep the server busy with nothing else.
		if (this.#breaks === 1) return void this.#attempt();
		this.#later(this.#breaks - 2);
		void this.#ask();
	}

	/** Whether it answers at all is known before the pause is over. */
	async #ask(): Promise<void> {
		const { runtime, clock } = this.#options;
		const mine = this.#attempts;
		try {
			await withDeadline({ clock, ms: answerMs }, (signal) => runtime.info(signal));
		} catch (error) {
			if (mine === this.#attempts) this.lost(error);
		}
	}

	close(): void {
		this.#closed = true;
		this.#cancelRetry?.();
		this.#drop();
	}
}
