/**
 * Lets at most `places` pieces of work run at once. With `share`, no one has more of them than that, and those who wait take turns: who
 * has asked for much waits behind their own, not before others.
 */
export class Semaphore {
	#free: number;
	readonly #share: number;
	/** Who waits, whose turn it is first; each with their own work in order. */
	readonly #waiting = new Map<string, (() => void)[]>();
	readonly #running = new Map<string, number>();

	/** @param share of one owner; everything by default */
	constructor(places: number, share = places) {
		this.#free = places;
		this.#share = share;
	}

	/** How much of this owner's work waits. */
	waiting(owner: string): number {
		return this.#waiting.get(owner)?.length ?? 0;
	}

	/** @param owner whose work it is; all the same one's when left out */
	async run<T>(work: () => Promise<T>, owner = ''): Promise<T> {
		if (this.#mayRun(owner)) this.#enter(owner);
		else
			await new Promise<void>((go) => {
				const own = this.#waiting.get(owner) ?? [];
				own.push(go);
				this.#waiting.set(owner, own);
			});
		try {
			return await work();
		} finally {
			this.#leave(owner);
		}
	}

	#mayRun(owner: string): boolean {
		return this.#free > 0 && (this.#running.get(owner) ?? 0) < this.#share;
	}

	#enter(owner: string): void {
		this.#free--;
		this.#running.set(owner, (this.#running.get(owner) ?? 0) + 1);
	}

	#leave(owner: string): void {
		this.#free++;
		const left = (this.#running.get(owner) ?? 1) - 1;
		if (left > 0) this.#running.set(owner, left);
		else this.#running.delete(owner);
		// The place goes straight to the next one, so that nobody can come in between.
		for (const [next, works] of this.#waiting) {
			if (!this.#mayRun(next)) continue;
			const go = works.shift();
			// To the end of the line, if there is more.
			this.#waiting.delete(next);
			if (works.length > 0) this.#waiting.set(next, works);
			if (!go) continue;
			this.#enter(next);
			go();
			return;
		}
	}
}
