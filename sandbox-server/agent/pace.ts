/**
 * How fast all sandboxes together may print. A flood is worth as much processor as it can get: the program that prints, the kernel's
 * terminal, the agent, this server, the browser. Nobody reads it, and whoever types waits for it. With a bound on all floods together
 * something is left of a machine of two processors.
 */
import { type Clock, systemClock } from '../platform/clock.ts';
import { TokenBucket } from '../platform/token-bucket.ts';

/** Credit a second, bytes. What a page is shown passes twice: to the page, and to the server's own stream. No browser draws more than half of it. */
const bytesPerSecond = 80e6;
/** What may be spent at once after a pause, bytes: a replay, or what a command prints in all. */
const burst = 8 * 2 ** 20;

export class Pace {
	readonly #clock: Clock;
	readonly #bucket: TokenBucket;
	readonly #waiting: { bytes: number; give: () => void }[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#bucket = new TokenBucket({ burst, perSecond: bytesPerSecond, now: () => clock.now() });
	}

	/** Calls `give` now or, when too much has been spent, as soon as it is its turn. */
	spend(bytes: number, give: () => void): void {
		if (this.#waiting.length === 0 && this.#bucket.left > 0) {
			this.#bucket.spend(bytes);
			return give();
		}
		this.#waiting.push({ bytes, give });
		if (this.#waiting.length === 1) this.#wait();
	}

	#wait(): void {
		this.#clock.after(Math.max(1, (-this.#bucket.left / bytesPerSecond) * 1000), () => {
			for (let next = this.#waiting[0]; next && this.#bucket.left > 0; next = this.#waiting[0]) {
				this.#waiting.shift();
				this.#bucket.spend(next.bytes);
				next.give();
			}
			if (this.#waiting.length > 0) this.#wait();
		});
	}
}

/** Of this process. */
export const pace = new Pace(systemClock);
