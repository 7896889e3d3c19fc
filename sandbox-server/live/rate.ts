/** A bucket of tokens: so many at once, so many a second in the long run. */
import type { Clock } from '../sandboxes/clock.ts';

export class Rate {
	readonly #clock: Clock;
	readonly #burst: number;
	readonly #perSecond: number;
	#tokens: number;
	#at: number;

	constructor(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }) {
		this.#clock = clock;
		this.#burst = burst;
		this.#perSecond = perSecond;
		this.#tokens = burst;
		this.#at = clock.now();
	}

	/** Takes `cost` tokens; false when there are not enough. */
	take(cost: number): boolean {
		const now = this.#clock.now();
		// A clock that is set back gives nothing and takes nothing.
		this.#tokens = Math.min(this.#burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.#perSecond);
		this.#at = now;
		if (this.#tokens < cost) return false;
		this.#tokens -= cost;
		return true;
	}
}
