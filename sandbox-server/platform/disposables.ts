/** Ends a timer, a subscription, a server that listens, … Whoever starts one of these gets this function back; calling it twice is harmless. */
export type Dispose = () => unknown;

/** Owner of what has to end together. Each thing is registered when it starts, and ended once, the latest first. */
export class Disposables {
	readonly #all: Dispose[] = [];
	#disposed = false;

	/** @returns `dispose`, for whoever wants to end it earlier. When the owner has ended already, it is ended at once. */
	add<T extends Dispose>(dispose: T): T {
		if (this.#disposed) dispose();
		else this.#all.push(dispose);
		return dispose;
	}

	/**
	 * Ends one after the other, and waits for what takes time. One that fails does not keep the others: when all have had their turn the
	 * failure is thrown, or an AggregateError of several. Idempotent.
	 */
	async dispose(): Promise<void> {
		this.#disposed = true;
		const failures: unknown[] = [];
		for (const dispose of this.#all.splice(0).reverse()) {
			try {
				const ended = dispose();
				// What takes no time ends at once, in this very turn.
				if (ended instanceof Promise) await ended;
			} catch (error) {
				failures.push(error);
			}
		}
		if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
		if (failures.length > 0) throw failures[0];
	}
}
