/** Things that are done in the order in which they came, though some have to wait for something. Nothing waits while nothing else does. */
export class Turns {
	readonly #failed: (error: unknown) => void;
	/** What was there before it was cleared waits no more. */
	#since = 0;
	/** The last one that waits. */
	#last: Promise<void> | undefined;

	/** @param failed told of what was waited for and did not come, or of what failed after having waited; the next has its turn all the same */
	constructor(failed: (error: unknown) => void) {
		this.#failed = failed;
	}

	/** At once, or after what waits. */
	take(action: () => void): void {
		if (this.#last) this.wait(undefined, action);
		else action();
	}

	/** When it is there, and after what came before. */
	wait<T>(coming: Promise<T> | T, action: (there: T) => void): void {
		const before = this.#last;
		const since = this.#since;
		const still = () => since === this.#since;
		const mine = Promise.allSettled([coming, before])
			.then(async () => {
				const there = await coming;
				if (still()) action(there);
			})
			.catch((error) => {
				if (still()) this.#failed(error);
			});
		this.#last = mine;
		void mine.then(() => {
			if (this.#last === mine) this.#last = undefined;
		});
	}

	/** Whatever waits is not done any more. */
	clear(): void {
		this.#since++;
		this.#last = undefined;
	}
}
