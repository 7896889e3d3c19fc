/** Whether a terminal shows its shell as it is now, and may be typed into. What is typed while it is being opened waits. */

/** What is typed while a terminal is being opened waits, so much of it, characters. */
const mostEarly = 4096;
/** A shell that says nothing of its prompts (fish, say) is ready all the same so long after its first output, ms. */
const unmarkedMs = 2000;

export class Liveness {
	readonly #onSilent: () => void;
	#state: 'closed' | 'opening' | 'live' = 'closed';
	#early = '';
	#silent = false;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** @param onSilent called when it has been live for so long that its shell would have told of a prompt */
	constructor(onSilent: () => void) {
		this.#onSilent = onSilent;
	}

	get live(): boolean {
		return this.#state === 'live';
	}

	/** Live for so long that its shell would have told of a prompt. */
	get silent(): boolean {
		return this.#silent;
	}

	/** It is being opened, or drawn anew: what comes is not from now. */
	opening(): void {
		this.#end();
		this.#state = 'opening';
	}

	/** All of the past has been drawn. Nothing happens when it has been closed meanwhile. @returns what was typed before */
	begin(): string {
		if (this.#state !== 'opening') return '';
		this.#state = 'live';
		this.#timer = setTimeout(() => {
			this.#silent = true;
			this.#onSilent();
		}, unmarkedMs);
		const early = this.#early;
		this.#early = '';
		return early;
	}

	/** Typed before it is live. */
	keep(text: string): void {
		if (this.#state === 'opening' && this.#early.length < mostEarly) this.#early += text;
	}

	/** There is no shell, or no connection to it. */
	close(): void {
		this.#end();
		this.#state = 'closed';
		this.#early = '';
	}

	#end(): void {
		clearTimeout(this.#timer);
		this.#silent = false;
	}
}
