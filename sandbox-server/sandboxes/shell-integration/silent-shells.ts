/**
 * Programs and shells that tell nothing: in `sh`, `python3` or a shell whose prompts somebody has replaced, Enter leads to no mark. What was done
 * there counts all the same, so checks are set going a moment after it.
 */
import type { Clock } from '../../platform/clock.ts';

/** A shell of ours would have told of its command by then, ms. */
const markMs = 1500;
/** Each is a round of checks: at most one in so long, ms. */
const everyMs = 5000;

const [carriageReturn, lineFeed] = [13, 10];

export class SilentShells {
	readonly #clock: Clock;
	readonly #done: (lesson: string) => void;
	/** By terminal. */
	readonly #waiting = new Map<string, () => void>();
	#last = Number.NEGATIVE_INFINITY;

	/** @param done something may have been done in this lesson */
	constructor(clock: Clock, done: (lesson: string) => void) {
		this.#clock = clock;
		this.#done = done;
	}

	/** @param terminal its name, its lesson, and how many marks it has printed so far */
	typed(bytes: Uint8Array, terminal: { name: string; lesson: string; marks: () => number }): void {
		if (!bytes.includes(carriageReturn) && !bytes.includes(lineFeed)) return;
		this.#waiting.get(terminal.name)?.();
		const before = terminal.marks();
		const wait = Math.max(markMs, this.#last + everyMs - this.#clock.now());
		const cancel = this.#clock.after(wait, () => {
			this.#waiting.delete(terminal.name);
			if (terminal.marks() !== before) return;
			this.#last = this.#clock.now();
			this.#done(terminal.lesson);
		});
		this.#waiting.set(terminal.name, cancel);
	}

	/** Nothing follows any more. */
	close(): void {
		for (const cancel of this.#waiting.values()) cancel();
		this.#waiting.clear();
	}
}
