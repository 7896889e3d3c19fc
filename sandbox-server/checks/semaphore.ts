/** Lets at most `places` pieces of work run at once; the others wait in order. */
export class Semaphore {
	#free: number;
	readonly #waiting: (() => void)[] = [];
	constructor(places: number) {
		this.#free = places;
	}

	async run<T>(work: () => Promise<T>): Promise<T> {
		if (this.#free > 0) this.#free--;
		else await new Promise<void>((go) => this.#waiting.push(go));
		try {
			return await work();
		} finally {
			const next = this.#waiting.shift();
			// The place goes straight to the next one, so that nobody can come in between.
			if (next) next();
			else this.#free++;
		}
	}
}
