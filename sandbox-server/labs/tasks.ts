/** Work that nobody waits for. Its failure cannot end the server: it is told, and the server goes on. */
export class Tasks {
	readonly #running = new Set<Promise<void>>();
	readonly #onFault: (error: unknown) => void;

	/** @param onFault told of failures that nobody else is told of */
	constructor(onFault: (error: unknown) => void) {
		this.#onFault = onFault;
	}

	/** Begins at once, and goes on by itself. */
	run(work: () => Promise<unknown>): void {
		const guarded = async () => {
			try {
				await work();
			} catch (error) {
				this.#onFault(error);
			}
		};
		this.watch(guarded());
	}

	/** Somebody else is told of its failure; `settled` waits for it all the same, since whoever asked may be gone. */
	watch<T>(work: Promise<T>): Promise<T> {
		const done = work.then(
			() => undefined,
			() => undefined,
		);
		const task = done.finally(() => this.#running.delete(task));
		this.#running.add(task);
		return work;
	}

	/** Waits for everything that is under way, and for what begins meanwhile. Never rejects. */
	async settled(): Promise<void> {
		while (this.#running.size > 0) await Promise.all(this.#running);
	}
}
