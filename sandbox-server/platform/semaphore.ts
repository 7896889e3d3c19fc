import type { Clock } from './clock.ts';

export interface SemaphoreSize {
	/** Pieces of work at once. */
	places: number;
	/** Of them, at most so many of one owner. Default: all. */
	share?: number;
	/**
	 * How long a piece of work may hold its place. It then goes on without one, and the place is free for others; it still counts for its
	 * owner's share. For work that its owner can make hang. Default: until its end.
	 */
	lent?: { clock: Clock; ms: number };
}

/**
 * Lets at most `places` pieces of work run at once. With `share`, no one has more of them than that, and those who wait take turns: who
 * has asked for much waits behind their own, not before others.
 */
export class Semaphore {
	#free: number;
	readonly #share: number;
	readonly #lent: SemaphoreSize['lent'];
	/** Who waits, whose turn it is first; each with their own work in order. */
	readonly #waiting = new Map<string, (() => void)[]>();
	readonly #running = new Map<string, number>();

	constructor({ places, share = places, lent }: SemaphoreSize) {
		this.#free = places;
		this.#share = share;
		this.#lent = lent;
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
		let holds = true;
		const giveBack = () => {
			if (holds) this.#free++;
			holds = false;
		};
		const cancel = this.#lent?.clock.after(this.#lent.ms, () => {
			giveBack();
			this.#next();
		});
		try {
			return await work();
		} finally {
			cancel?.();
			giveBack();
			this.#leave(owner);
			this.#next();
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
		const left = (this.#running.get(owner) ?? 1) - 1;
		if (left > 0) this.#running.set(owner, left);
		else this.#running.delete(owner);
	}

	/** A free place goes straight to whoever is next, so that nobody can come in between. */
	#next(): void {
		for (const [owner, works] of this.#waiting) {
			if (!this.#mayRun(owner)) continue;
			const go = works.shift();
			// To the end of the line, if there is more.
			this.#waiting.delete(owner);
			if (works.length > 0) this.#waiting.set(owner, works);
			if (!go) continue;
			this.#enter(owner);
			go();
			return;
		}
	}
}
