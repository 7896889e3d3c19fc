/**
 * How many commands of one sandbox are recorded. Each costs the server a write to its disk and a round of checks, and a program can print
 * the marks of thousands a second: beyond a person's pace they are let go.
 */

/** Commands at once: a script that is pasted line by line. */
const burst = 200;
const perSecond = 4;
/** Longer commands count for more: so many bytes for one. */
const bytesPerCommand = 1024;

export class CommandLimit {
	readonly #now: () => number;
	#left = burst;
	#at: number;

	/** @param now a clock in ms */
	constructor(now: () => number) {
		this.#now = now;
		this.#at = now();
	}

	/** Is there room for this command? */
	take({ command, folder }: { command: string; folder: string }): boolean {
		const now = this.#now();
		// A clock that is set back gives nothing.
		this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) / 1000) * perSecond);
		this.#at = now;
		const cost = 1 + (Buffer.byteLength(command) + Buffer.byteLength(folder)) / bytesPerCommand;
		if (cost > this.#left) return false;
		this.#left -= cost;
		return true;
	}
}
