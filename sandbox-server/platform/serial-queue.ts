/** Operations that must not interleave: one after the other, as they were asked for. One that fails does not keep the next. */
export class SerialQueue {
	#last: Promise<unknown> = Promise.resolve();
	#pending = 0;

	/** An operation is under way. */
	get busy(): boolean {
		return this.#pending > 0;
	}

	/** Begins at once when nothing is under way. Settles as the operation does; by then the next one may begin. */
	run<T>(operation: () => Promise<T>): Promise<T> {
		const turn = async () => {
			try {
				return await operation();
			} finally {
				this.#pending--;
			}
		};
		const result = this.#pending++ === 0 ? turn() : this.#last.then(turn);
		this.#last = result.then(
			() => undefined,
			() => undefined, // Whoever asked for it is told.
		);
		return result;
	}
}
