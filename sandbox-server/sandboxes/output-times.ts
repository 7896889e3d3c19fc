/**
 * When a terminal's output came. The agent's ring has the bytes and no times; the server, which reads along, notes the times and no bytes. It is
 * called for every piece of output: two numbers are noted, in memory alone.
 */

/** Output up to `end` (an offset, not included) from the end before has come at `ms`; undefined: nobody was there to see when. */
export interface Moment {
	end: number;
	ms: number | undefined;
}

/** Pieces that come so soon after one another are one moment, ms: a picture of a screen that shows sixty in a second. */
const grainMs = 16;
/** Moments of a terminal, each two numbers: some 256 KiB. When there are more, the older half is told half as finely. */
const mostMoments = 16_384;

export class OutputTimes {
	readonly #now: () => number;
	readonly #ends: number[] = [];
	/** Not a number: unknown. */
	readonly #ms: number[] = [];
	#live: boolean;
	/** From the shell's first byte on; otherwise an earlier server may have known more. */
	readonly whole: boolean;

	/** @param fresh of a shell that has just been started */
	constructor(now: () => number, fresh: boolean) {
		this.#now = now;
		this.whole = fresh;
		this.#live = fresh;
	}

	/** The connection has come back: output up to this offset has been printed meanwhile, and so has what comes before `live`. */
	again(offset: bigint): void {
		this.#live = false;
		this.came(offset);
	}

	/** What comes from now on is printed now. */
	live(): void {
		this.#live = true;
	}

	/** Output up to this offset has come. */
	came(offset: bigint): void {
		const end = Number(offset);
		const last = this.#ends.length - 1;
		if (last >= 0 && end <= (this.#ends[last] ?? 0)) return;
		const ms = this.#live ? this.#now() : Number.NaN;
		const since = ms - (this.#ms[last] ?? Number.NaN);
		const both = this.#live ? since >= 0 && since < grainMs : last >= 0 && Number.isNaN(this.#ms[last]);
		if (both) this.#ends[last] = end;
		else {
			this.#ends.push(end);
			this.#ms.push(ms);
			if (this.#ends.length > mostMoments) this.#thin();
		}
	}

	get moments(): Moment[] {
		return this.#ends.map((end, at) => ({ end, ms: known(this.#ms[at]) }));
	}

	/** Every second one of the older half goes: its output is told with the one after, no earlier than it came. */
	#thin(): void {
		const half = this.#ends.length / 2;
		let kept = 0;
		for (let at = 0; at < this.#ends.length; at++) {
			const goes = at < half && at % 2 === 0 && !Number.isNaN(this.#ms[at]) && !Number.isNaN(this.#ms[at + 1]);
			if (goes) continue;
			this.#ends[kept] = this.#ends[at] ?? 0;
			this.#ms[kept] = this.#ms[at] ?? Number.NaN;
			kept++;
		}
		this.#ends.length = kept;
		this.#ms.length = kept;
	}
}

const known = (ms: number | undefined) => (ms === undefined || Number.isNaN(ms) ? undefined : ms);

/** What an earlier server has kept of the same shell, and what this one has seen since. */
export function joinedMoments(older: readonly Moment[], newer: readonly Moment[]): Moment[] {
	const until = older.at(-1)?.end ?? 0;
	return [...older, ...newer.filter(({ end }) => end > until)];
}
