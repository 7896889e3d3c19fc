/** What passes by the server's clock is drawn anew each second, while there is something. */

const secondMs = 1000;

export class Ticking {
	readonly #draw: (now: number) => void;
	#ahead = 0;
	#timer: ReturnType<typeof setInterval> | undefined;

	/** @param draw is given the server's time, ms since 1970 */
	constructor(draw: (now: number) => void) {
		this.#draw = draw;
	}

	/** The server's clock, ms since 1970: by this browser's own, which goes on while a laptop sleeps. */
	get now(): number {
		return Date.now() + this.#ahead;
	}

	/** What the server's clock shows at this moment. */
	set(now: number): void {
		this.#ahead = now - Date.now();
	}

	/** Draws now, and each second until `stop`, which drawing may call. */
	run(): void {
		this.#timer ??= setInterval(() => this.#draw(this.now), secondMs);
		this.#draw(this.now);
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}
