/**
 * Sandboxes of the pool that have just been given to their learners, who are not at their prompts yet. A prompt costs a few milliseconds of
 * a processor, a new sandbox a hundred times as much: when a class begins, those who found one ready come first, and the pool is filled
 * again only when they have what they came for.
 */
import type { Clock } from '../platform/clock.ts';

/** Who has opened no terminal after so long is not about to, ms. */
const patienceMs = 1000;
/** Nothing is made ahead until nobody has been given anything for so long, ms. */
const restMs = 1000;

export class Claims {
	readonly #clock: Clock;
	readonly #onChange: () => void;
	/** By name of the sandbox: cancels its time limit. */
	readonly #open = new Map<string, () => void>();
	#cancelRest: (() => void) | undefined;

	/** @param onChange the last one has come to its prompt; later, that has been so for a while */
	constructor(clock: Clock, onChange: () => void) {
		this.#clock = clock;
		this.#onChange = onChange;
	}

	/** Somebody is on the way to a prompt: new sandboxes wait. */
	get underWay(): boolean {
		return this.#open.size > 0;
	}

	/** Nobody is, and nobody has been for a moment: the pool may be filled. */
	get quiet(): boolean {
		return !this.underWay && this.#cancelRest === undefined;
	}

	begin(sandbox: string): void {
		this.#cancelRest?.();
		this.#cancelRest = undefined;
		this.#open.get(sandbox)?.();
		this.#open.set(
			sandbox,
			this.#clock.after(patienceMs, () => this.end(sandbox)),
		);
	}

	/** Its shell has come to its prompt, or it has gone. */
	end(sandbox: string): void {
		const cancel = this.#open.get(sandbox);
		if (!cancel) return;
		cancel();
		this.#open.delete(sandbox);
		if (this.underWay) return;
		this.#cancelRest = this.#clock.after(restMs, () => {
			this.#cancelRest = undefined;
			this.#onChange();
		});
		this.#onChange();
	}

	close(): void {
		this.#cancelRest?.();
		for (const cancel of this.#open.values()) cancel();
		this.#open.clear();
	}
}
