/**
 * How much output may be on the way to a page, not acknowledged yet. What is on the way when somebody presses Ctrl+C is still parsed, so it is not more than
 * the page parses in a moment: it says how fast that is, frames left out. With less, a page that is far away, or that draws for long between two pieces, would
 * wait for the next one each time, and what it has worked off would say more of the window than of the page. Where the network is what is slow, it is
 * not more than comes through in a moment: echoes and verdicts wait behind it.
 */
import { windowBytes } from '../../src/shared/protocol/messages.ts';

/** What a page parses in so long, ms. */
const parseMs = 150;
/**
 * What it works off in so long, frames and network included, ms: longer than from one acknowledgement to the next where frames are slow (400), or the window
 * would lock itself in. One that does not say how fast it parses, as before an upgrade, gets less.
 */
const workMs = { told: 600, untold: 100 };
/** A rate is taken over at least so long, ms, and, but for the first, over a whole window. */
const measureMs = 100;
/** As long as nothing is known of a page, it is taken for one that works off so much, bytes a ms, and is so far away at most, ms. */
const first = { rate: 1000, away: 300 };
/** A pause, ms: what was before says nothing of now. */
const pauseMs = 1000;
/** What all channels of one page together may have beyond their first `windowBytes`, bytes: see the outbox's limit. */
export const mostBeyond = 4 * 2 ** 20;

/** What the windows of one page's channels share. */
export interface Beyond {
	/** What they have beyond their first, bytes. */
	bytes: number;
	/** The way to the page and back, ms; undefined: not known yet. */
	roundTrip: number | undefined;
}

export class Window {
	readonly #beyond: Beyond;
	readonly #now: () => number;
	#size = windowBytes;
	/** Since then it looks at the rate. */
	#from = Number.NEGATIVE_INFINITY;
	#worked = 0;
	/** All of it was on the way, or nearly, since then. */
	#full = false;
	/** When something was acknowledged last, ms. */
	#last = Number.NEGATIVE_INFINITY;
	/** As it was measured last, bytes a ms; undefined: not yet. */
	#rate: number | undefined;

	constructor(beyond: Beyond, now: () => number) {
		this.#beyond = beyond;
		this.#now = now;
		this.#resize(windowBytes + first.rate * Math.min(first.away, beyond.roundTrip ?? 0));
	}

	get size(): number {
		return this.#size;
	}

	/**
	 * The page has worked off `bytes` of `inFlight`.
	 * @param parses bytes a ms that it parses, as it says
	 * @returns by how much the window has grown, bytes; less than 0: shrunk
	 */
	acked(bytes: number, inFlight: number, parses?: number): number {
		const now = this.#now();
		const pause = now - this.#last;
		if (pause < 0 || pause > pauseMs + (this.#beyond.roundTrip ?? 0)) this.#begin(now);
		this.#last = now;
		// Where a quarter of it is always free the page waits for the program, and its rate says nothing about the page.
		this.#full ||= inFlight >= this.#size * 0.75;
		this.#worked += bytes;
		const ms = now - this.#from;
		// At first it grows with what the page works off, until it is known how fast that is.
		if (ms < measureMs) return this.#rate === undefined && this.#full ? this.#resize(this.#size + bytes) : 0;
		if (this.#rate !== undefined && this.#worked < this.#size) return 0;
		if (!this.#full) {
			this.#begin(now);
			return 0;
		}
		const rate = this.#worked / ms;
		this.#begin(now);
		// One slow moment is none of the page's.
		const worked = Math.max(rate, this.#rate ?? 0);
		const least = this.#rate === undefined ? 0 : this.#size / 2;
		this.#rate = rate;
		const away = this.#beyond.roundTrip ?? 0;
		const wanted =
			parses === undefined ? worked * (workMs.untold + away) : Math.min(parses * (parseMs + away), worked * (workMs.told + away));
		return this.#resize(Math.min(this.#size * 2, Math.max(least, wanted)));
	}

	#begin(now: number): void {
		this.#from = now;
		this.#worked = 0;
		this.#full = false;
	}

	#resize(wanted: number): number {
		const before = this.#size;
		const atMost = before + mostBeyond - this.#beyond.bytes;
		this.#size = Math.min(atMost, Math.max(windowBytes, Math.round(wanted)));
		this.#beyond.bytes += this.#size - before;
		return this.#size - before;
	}

	/** Its channel is closed: others may have what it had. */
	close(): void {
		this.#resize(windowBytes);
	}
}
