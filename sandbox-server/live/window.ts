/**
 * How much output may be on the way to a page, not acknowledged yet. As much as the page works off in a moment, and more where more makes it
 * faster: a page that is far away, or that draws slowly between two acknowledgements, would otherwise wait for the next piece each time. Not
 * more than that: what is on the way when somebody presses Ctrl+C is still drawn.
 */
import { windowBytes } from '../../src/shared/protocol/messages.ts';

/** What a page works off in so long, ms. */
const momentMs = 100;
/** A rate is taken over at least so long, ms, and over a whole window: one odd moment does not change much. */
const measureMs = 50;
/** Twice the window is worth it if it makes the page so much faster. */
const worthwhile = 1.3;
/** After a trial that was not worth it the next one comes so much later, ms; each in vain doubles that. */
const trialMs = { first: 1000, most: 30_000 };
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
	/** The window has twice or half its size to see whether the page is faster, or as fast, as it was then: bytes a ms. */
	#trial: { size: 'twice' | 'half'; rate: number } | undefined;
	/** The rate for which it has its size, bytes a ms. */
	#rate = 0;
	#nextTrial = 0;
	#pause = trialMs.first;

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
		if (inFlight < this.#size / 2) {
			this.#begin(now);
			return 0;
		}
		this.#worked += bytes;
		const ms = now - this.#from;
		if (ms < measureMs || this.#worked < this.#size) return 0;
		const rate = this.#worked / ms;
		this.#begin(now);
		return this.#judge(rate, now);
	}

	#begin(now: number): void {
		this.#from = now;
		this.#worked = 0;
	}

	#judge(rate: number, now: number): number {
		const trial = this.#trial;
		this.#trial = undefined;
		const moment = Math.round(rate * momentMs);
		if (trial?.size === 'twice' && rate < trial.rate * worthwhile) return this.#back(this.#size / 2, now);
		if (trial?.size === 'half' && rate < trial.rate / worthwhile) return this.#back(this.#size * 2, now);
		if (trial?.size === 'twice') this.#pause = trialMs.first;
		const slowed = rate < this.#rate / 2;
		this.#rate = slowed ? rate : Math.max(rate, this.#rate);
		if (moment > this.#size) return this.#resize(moment);
		// What was worth it when the page was faster may be so no more.
		if (slowed || trial?.size === 'half') return this.#try('half', rate);
		return now < this.#nextTrial ? 0 : this.#try('twice', rate);
	}

	#try(size: 'twice' | 'half', rate: number): number {
		const change = this.#resize(size === 'twice' ? this.#size * 2 : this.#size / 2);
		if (change !== 0) this.#trial = { size, rate };
		return change;
	}

	/** The trial was not worth it. */
	#back(size: number, now: number): number {
		this.#nextTrial = now + this.#pause;
		this.#pause = Math.min(trialMs.most, this.#pause * 2);
		return this.#resize(size);
	}

	/** Twice or half as much at a time. */
	#resize(wanted: number): number {
		const before = this.#size;
		const atMost = Math.min(most, before * 2, before + mostBeyond - this.#beyond.bytes);
		this.#size = Math.min(atMost, Math.max(windowBytes, Math.round(before / 2), Math.round(wanted)));
		this.#beyond.bytes += this.#size - before;
		return this.#size - before;
	}

	/** Its channel is closed: others may have what it had. */
	close(): void {
		this.#beyond.bytes -= this.#size - windowBytes;
		this.#size = windowBytes;
	}
}
