/** A log that cannot be flooded: refusals come before any limit on requests, and a stranger can cause as many as the line carries. */

/** Lines of one kind in a minute. */
const linesPerMinute = 30;
const minute = 60_000;

export class Sparing {
	readonly #now: () => number;
	readonly #kinds = new Map<string, { since: number; written: number; left: number }>();

	constructor(now: () => number) {
		this.#now = now;
	}

	/**
	 * Writes, unless there have been enough lines of that kind within the minute.
	 * @param kind one of few: a code of the catalogue, a status
	 * @param write gets how many of the kind were left out since the last line
	 */
	line(kind: string, write: (leftOut: number | undefined) => void): void {
		const now = this.#now();
		let state = this.#kinds.get(kind);
		if (!state || now - state.since >= minute || now < state.since) {
			const left = state?.left ?? 0;
			state = { since: now, written: 0, left };
			this.#kinds.set(kind, state);
		}
		if (state.written >= linesPerMinute) {
			state.left++;
			return;
		}
		state.written++;
		const left = state.left;
		state.left = 0;
		write(left > 0 ? left : undefined);
	}
}
