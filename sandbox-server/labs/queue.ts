/**
 * Learners who wait. Who comes from an address that has few sandboxes goes before who comes from one that has many: a script that makes
 * up a hundred identities waits behind itself. Learners of one address, such as a lecture hall behind its router, are served in the order
 * in which they came; with nobody from elsewhere in the queue, an address takes all there is.
 */
import type { LabRecord } from './lab-record.ts';

/** How many sandboxes each address has. */
export type Held = ReadonlyMap<string, number>;

export class Queue {
	/** They had a place, or a sandbox, and lost it through no fault of theirs: before all others. */
	readonly #front: LabRecord[] = [];
	/** As they came. */
	readonly #rest: LabRecord[] = [];
	readonly #held: () => Held;
	/** LabRecord → place from 1, in order; undefined when it is to be worked out again. */
	#places: Map<LabRecord, number> | undefined;

	constructor(held: () => Held) {
		this.#held = held;
	}

	get length(): number {
		return this.#front.length + this.#rest.length;
	}

	[Symbol.iterator](): Iterator<LabRecord> {
		// A copy: it may change while somebody goes through it.
		return [...this.#order().keys()][Symbol.iterator]();
	}

	add(lab: LabRecord, where: 'front' | 'back'): void {
		if (where === 'front') this.#front.unshift(lab);
		else this.#rest.push(lab);
		this.stale();
	}

	remove(lab: LabRecord): void {
		for (const labs of [this.#front, this.#rest]) {
			const index = labs.indexOf(lab);
			if (index >= 0) labs.splice(index, 1);
		}
		this.stale();
	}

	/** From 1; 0 when not in the queue. */
	place(lab: LabRecord): number {
		return this.#order().get(lab) ?? 0;
	}

	/** Somebody has got a sandbox, or lost one. */
	stale(): void {
		this.#places = undefined;
	}

	/** Who gives their place up when there is none left for somebody from `from`: the last of the address that has most, if that has more. */
	lastOfMost(from: string): LabRecord | undefined {
		const has = new Map(this.#held());
		for (const lab of [...this.#front, ...this.#rest]) has.set(lab.from, (has.get(lab.from) ?? 0) + 1);
		const waiting = this.#rest.filter((lab) => lab.from !== from);
		const most = Math.max(...waiting.map((lab) => has.get(lab.from) ?? 0));
		if (most <= (has.get(from) ?? 0) + 1) return undefined;
		return waiting.findLast((lab) => has.get(lab.from) === most);
	}

	#order(): Map<LabRecord, number> {
		if (this.#places) return this.#places;
		const has = new Map(this.#held());
		// What the address will have had when it is this one's turn; sorting is stable, so that the same number means: as they came.
		const turns = this.#rest.map((lab) => {
			const before = has.get(lab.from) ?? 0;
			has.set(lab.from, before + 1);
			return { lab, before };
		});
		turns.sort((a, b) => a.before - b.before);
		this.#places = new Map([...this.#front, ...turns.map(({ lab }) => lab)].map((lab, index) => [lab, index + 1]));
		return this.#places;
	}
}
