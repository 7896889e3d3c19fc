/**
 * Learners who wait. Who comes from an address that has few sandboxes goes before who comes from one that has many: a script that makes
 * up a hundred identities waits behind itself. Learners of one address, such as a lecture hall behind its router, are served in the order
 * in which they came; with nobody from elsewhere in the queue, an address takes all there is.
 */
import type { Seat } from './seat.ts';

/** How many sandboxes each address has. */
export type Held = ReadonlyMap<string, number>;

export class Queue {
	/** They had a place, or a sandbox, and lost it through no fault of theirs: before all others. */
	readonly #front: Seat[] = [];
	/** As they came. */
	readonly #rest: Seat[] = [];
	readonly #held: () => Held;
	/** Seat → place from 1, in order; undefined when it is to be worked out again. */
	#places: Map<Seat, number> | undefined;

	constructor(held: () => Held) {
		this.#held = held;
	}

	get length(): number {
		return this.#front.length + this.#rest.length;
	}

	get first(): Seat | undefined {
		return this.#order().keys().next().value;
	}

	[Symbol.iterator](): Iterator<Seat> {
		// A copy: it may change while somebody goes through it.
		return [...this.#order().keys()][Symbol.iterator]();
	}

	add(seat: Seat, where: 'front' | 'back'): void {
		if (where === 'front') this.#front.unshift(seat);
		else this.#rest.push(seat);
		this.stale();
	}

	remove(seat: Seat): void {
		for (const seats of [this.#front, this.#rest]) {
			const index = seats.indexOf(seat);
			if (index >= 0) seats.splice(index, 1);
		}
		this.stale();
	}

	/** From 1; 0 when not in the queue. */
	place(seat: Seat): number {
		return this.#order().get(seat) ?? 0;
	}

	/** Somebody has got a sandbox, or lost one. */
	stale(): void {
		this.#places = undefined;
	}

	/** Who gives their place up when there is none left for somebody from `from`: the last of the address that has most, if that has more. */
	lastOfMost(from: string): Seat | undefined {
		const has = new Map(this.#held());
		for (const seat of [...this.#front, ...this.#rest]) has.set(seat.from, (has.get(seat.from) ?? 0) + 1);
		const waiting = this.#rest.filter((seat) => seat.from !== from);
		const most = Math.max(...waiting.map((seat) => has.get(seat.from) ?? 0));
		if (most <= (has.get(from) ?? 0) + 1) return undefined;
		return waiting.findLast((seat) => has.get(seat.from) === most);
	}

	#order(): Map<Seat, number> {
		if (this.#places) return this.#places;
		const has = new Map(this.#held());
		// What the address will have had when it is this one's turn; sorting is stable, so that the same number means: as they came.
		const turns = this.#rest.map((seat) => {
			const before = has.get(seat.from) ?? 0;
			has.set(seat.from, before + 1);
			return { seat, before };
		});
		turns.sort((a, b) => a.before - b.before);
		this.#places = new Map([...this.#front, ...turns.map(({ seat }) => seat)].map((seat, index) => [seat, index + 1]));
		return this.#places;
	}
}
