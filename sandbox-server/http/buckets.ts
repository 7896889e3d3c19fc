/** Buckets of tokens by address: so many at once, so many a minute in the long run. */

/** Addresses that are remembered; beyond, those whose bucket has filled up again are forgotten first, then the oldest. */
const most = 10_000;

interface Bucket {
	tokens: number;
	/** ms since 1970. */
	at: number;
}

export class Buckets {
	readonly #burst: number;
	readonly #perMinute: number;
	readonly #now: () => number;
	readonly #buckets = new Map<string, Bucket>();

	constructor({ burst, perMinute, now }: { burst: number; perMinute: number; now: () => number }) {
		this.#burst = burst;
		this.#perMinute = perMinute;
		this.#now = now;
	}

	/** Is there a token? Nothing is taken. */
	has(key: string): boolean {
		return this.#filled(key).tokens >= 1;
	}

	/** Takes one; false when there is none. */
	take(key: string): boolean {
		const bucket = this.#filled(key);
		if (bucket.tokens < 1) return false;
		bucket.tokens--;
		// To the end: the first is the one that has been left alone for longest.
		this.#buckets.delete(key);
		this.#buckets.set(key, bucket);
		if (this.#buckets.size > most) this.#forget();
		return true;
	}

	#filled(key: string): Bucket {
		const now = this.#now();
		const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, at: now };
		// A clock that is set back gives nothing and takes nothing.
		bucket.tokens = Math.min(this.#burst, bucket.tokens + (Math.max(0, now - bucket.at) / 60_000) * this.#perMinute);
		bucket.at = now;
		return bucket;
	}

	#forget(): void {
		for (const key of [...this.#buckets.keys()]) if (this.#filled(key).tokens >= this.#burst) this.#buckets.delete(key);
		for (const key of this.#buckets.keys()) {
			if (this.#buckets.size <= most) break;
			this.#buckets.delete(key);
		}
	}
}
