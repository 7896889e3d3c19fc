/**
 * How fast all sandboxes together may print. A flood is worth as much processor as it can get: the program that prints, the kernel's
 * terminal, the holder, this server, the browser. Nobody reads it, and whoever types waits for it. With a bound on all floods together
 * something is left of a machine of two processors.
 */

/** Credit a second, bytes. What a page is shown passes twice: to the page, and to the server's own stream. No browser draws more than half of it. */
const bytesPerSecond = 80e6;
/** What may be spent at once after a pause, bytes: a replay, or what a command prints in all. */
const burst = 8 * 2 ** 20;

interface PaceClock {
	/** ms */
	now(): number;
	after(ms: number, action: () => void): void;
}

const clock: PaceClock = {
	now: () => performance.now(),
	after: (ms, action) => void setTimeout(action, ms).unref(),
};

export class Pace {
	readonly #clock: PaceClock;
	#left = burst;
	#at: number;
	readonly #waiting: { bytes: number; give: () => void }[] = [];

	constructor(own: PaceClock = clock) {
		this.#clock = own;
		this.#at = own.now();
	}

	/** Calls `give` now or, when too much has been spent, as soon as it is its turn. */
	spend(bytes: number, give: () => void): void {
		this.#refill();
		if (this.#waiting.length === 0 && this.#left > 0) {
			this.#left -= bytes;
			return give();
		}
		this.#waiting.push({ bytes, give });
		if (this.#waiting.length === 1) this.#wait();
	}

	#refill(): void {
		const now = this.#clock.now();
		this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * bytesPerSecond);
		this.#at = now;
	}

	#wait(): void {
		this.#clock.after(Math.max(1, (-this.#left / bytesPerSecond) * 1000), () => {
			this.#refill();
			for (let next = this.#waiting[0]; next && this.#left > 0; next = this.#waiting[0]) {
				this.#waiting.shift();
				this.#left -= next.bytes;
				next.give();
			}
			if (this.#waiting.length > 0) this.#wait();
		});
	}
}

/** Of this process. */
export const pace = new Pace();
