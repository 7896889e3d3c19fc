/** Ctrl+S stops a terminal's output until Ctrl+Q, as it did on paper. Whoever pressed it by mistake believes that the terminal is dead. */

/** A program that takes Ctrl+S for itself (nano: save) answers within this time, ms. */
const answerMs = 600;
/** Output this shortly before Ctrl+S was flowing: what comes afterwards was on its way, and is no program's answer, ms. */
const flowingMs = 200;
const [stop, go] = [0x13, 0x11];

export class FrozenNote {
	readonly #show: (frozen: boolean) => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#shown = false;
	#outputAt = Number.NEGATIVE_INFINITY;
	#flowing = false;

	constructor(show: (frozen: boolean) => void) {
		this.#show = show;
	}

	typed(bytes: Uint8Array): void {
		if (bytes.length !== 1) return;
		if (bytes[0] === stop) {
			this.#flowing = performance.now() - this.#outputAt < flowingMs;
			this.#wait();
		} else if (bytes[0] === go) this.#goesOn();
	}

	/** Something was printed. */
	output(): void {
		this.#outputAt = performance.now();
		if (this.#flowing && this.#timer !== undefined) this.#wait();
		else this.#goesOn();
	}

	#wait(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.#tell(true);
		}, answerMs);
	}

	#goesOn(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#tell(false);
	}

	#tell(frozen: boolean): void {
		if (this.#shown === frozen) return;
		this.#shown = frozen;
		this.#show(frozen);
	}
}
