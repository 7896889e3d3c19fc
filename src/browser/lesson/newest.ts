/**
 * Which of several answers is the newest. The server tells of everything over the WebSocket, and answers requests besides: an answer that
 * was on its way while something newer was told must not take its place.
 */
export class Newest {
	#time = 0;
	/** When it was last told of each thing; an answer is as new as its question. */
	readonly #told = new Map<string, number>();

	/** This has been told of just now. @param thing such as "sandbox" */
	told(thing: string): void {
		this.#told.set(thing, ++this.#time);
	}

	/**
	 * A question is sent.
	 * @returns call it when the answer has come: true when nothing has been told of `thing` meanwhile, and no later question about it
	 * has been answered; from then on the answer is what was told
	 */
	asked(): (thing: string) => boolean {
		const asked = ++this.#time;
		return (thing) => {
			if ((this.#told.get(thing) ?? 0) > asked) return false;
			this.#told.set(thing, asked);
			return true;
		};
	}

	/**
	 * Asks for a thing, and takes the answer unless something newer is known by then.
	 * @throws what `ask` throws
	 */
	async take<T>(thing: string, ask: () => Promise<T>, take: (answer: T) => void): Promise<void> {
		const isNewest = this.asked();
		const answer = await ask();
		if (isNewest(thing)) take(answer);
	}
}
