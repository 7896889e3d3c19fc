/** Ctrl+S stops a terminal's output until Ctrl+Q, as it did on paper. Whoever pressed it by mistake believes that the terminal is dead. */

/** A program that takes Ctrl+S for itself (nano: save) answers within this time, ms. */
const answerMs = 600;
const [stop, go] = [0x13, 0x11];

export class FrozenNote {
	readonly #show: (frozen: boolean) => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#shown = false;

	constructor(show: (frozen: boolean) => void) {
		this.#show = show;
	}

	typed(bytes: Uint8Array): void {
		if (bytes.length !== 1) return;
		if (bytes[0] === stop) {
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => this.#tell(true), answerMs);
		} else if (bytes[0] === go) this.output();
	}

	/** Something was printed, or Ctrl+Q was pressed. */
	output(): void {
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
