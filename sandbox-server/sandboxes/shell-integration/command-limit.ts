/**
 * How many commands of one sandbox are recorded. Each costs the server a write to its disk and a round of checks, and a program can print
 * the marks of thousands a second: beyond a person's pace they are let go.
 */
import { TokenBucket } from '../../platform/token-bucket.ts';

/** Commands at once: a script that is pasted line by line. */
const burst = 200;
const perSecond = 4;
/** Longer commands count for more: so many bytes for one. */
const bytesPerCommand = 1024;

export class CommandLimit {
	readonly #bucket: TokenBucket;

	/** @param now a clock in ms */
	constructor(now: () => number) {
		this.#bucket = new TokenBucket({ burst, perSecond, now });
	}

	/** Is there room for this command? */
	take({ command, folder }: { command: string; folder: string }): boolean {
		return this.#bucket.take(1 + (Buffer.byteLength(command) + Buffer.byteLength(folder)) / bytesPerCommand);
	}
}
