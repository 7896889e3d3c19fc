/**
 * How much output may be on the way to a page, not acknowledged yet. As much as the page works off in a moment: more keeps a page that is
 * far away or on a busy machine from waiting between two acknowledgements; less keeps what is on the screen after Ctrl-C from being old.
 */
import { windowBytes } from '../../src/shared/messages.ts';

/** What a page works off in so long, ms. */
const momentMs = 100;
/** A rate is taken over at least so long, ms. */
const measureMs = 50;
/** Of one channel, bytes. */
const most = 2 * 2 ** 20;
/** What all channels of one page together may have beyond their first `windowBytes`, bytes: see the outbox's limit. */
export const mostBeyond = 2 * 2 ** 20;

/** What the windows of one page's channels have beyond their first, bytes. */
export interface Beyond {
	bytes: number;
}

export class Window {
	readonly #beyond: Beyond;
	readonly #now: () => number;
	#size = windowBytes;
	#from: number;
	#worked = 0;

	constructor(beyond: Beyond, now: () => number) {
		this.#beyond = beyond;
		this.#now = now;
		this.#from = now();
	}

	get size(): number {
		return this.#size;
	}

	/**
	 * The page has worked off `bytes` of `inFlight`.
	 * @returns by how much the window has grown, bytes; less than 0: shrunk
	 */
	acked(bytes: number, inFlight: number): number {
		const now = this.#now();
		// Half of it is free: the page waits for the program, and its rate says nothing about the page.
		if (inFlight < this.#size / 2) return this.#begin(now);
		this.#worked += bytes;
		const ms = now - this.#from;
		if (ms < measureMs) return 0;
		const moment = (this.#worked / ms) * momentMs;
		this.#begin(now);
		return this.#resize(Math.round(moment));
	}

	#begin(now: number): number {
		this.#from = now;
		this.#worked = 0;
		return 0;
	}

	/** Twice or half as much at a time: one odd moment does not change much. */
	#resize(wanted: number): number {
		const before = this.#size;
		const atMost = Math.min(most, before * 2, before + mostBeyond - this.#beyond.bytes);
		this.#size = Math.min(atMost, Math.max(windowBytes, Math.round(before / 2), wanted));
		this.#beyond.bytes += this.#size - before;
		return this.#size - before;
	}

	/** Its channel is closed: others may have what it had. */
	close(): void {
		this.#beyond.bytes -= this.#size - windowBytes;
		this.#size = windowBytes;
	}
}
