/** Limits of how often: so many at once, so many a second in the long run. */

export interface BucketSize {
	/** Tokens at once. */
	burst: number;
	/** Tokens that come back in a second. */
	perSecond: number;
	/** A clock, ms. */
	now: () => number;
}

export class TokenBucket {
	readonly #size: BucketSize;
	#left: number;
	#at: number;

	constructor(size: BucketSize) {
		this.#size = size;
		this.#left = size.burst;
		this.#at = size.now();
	}

	/** Tokens that are there now; below 0 after `spend`. */
	get left(): number {
		const { burst, perSecond, now } = this.#size;
		const at = now();
		// A clock that is set back gives nothing and takes nothing.
		this.#left = Math.min(burst, this.#left + (Math.max(0, at - this.#at) / 1000) * perSecond);
		this.#at = at;
		return this.#left;
	}

	get full(): boolean {
		return this.left >= this.#size.burst;
	}

	/** Takes `cost` tokens; false, and nothing is taken, when there are not enough. */
	take(cost = 1): boolean {
		if (this.left < cost) return false;
		this.#left -= cost;
		return true;
	}

	/** Takes `cost` tokens whether they are there or not: what is missing has to come back first. */
	spend(cost: number): void {
		this.#left = this.left - cost;
	}
}

/** Keys that are remembered; beyond, those whose bucket has filled up again are forgotten first, then the oldest. */
const mostKeys = 10_000;

/** A bucket for each key, such as an address. */
export class TokenBuckets {
	readonly #size: BucketSize;
	readonly #buckets = new Map<string, TokenBucket>();

	constructor(size: BucketSize) {
		this.#size = size;
	}

	/** Is there a token? Nothing is taken. */
	has(key: string): boolean {
		return (this.#buckets.get(key)?.left ?? this.#size.burst) >= 1;
	}

	/** Takes one; false when there is none. */
	take(key: string): boolean {
		const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#size);
		if (!bucket.take()) return false;
		// To the end: the first is the one that has been left alone for longest.
		this.#buckets.delete(key);
		this.#buckets.set(key, bucket);
		if (this.#buckets.size > mostKeys) this.#forget();
		return true;
	}

	#forget(): void {
		for (const [key, bucket] of [...this.#buckets]) if (bucket.full) this.#buckets.delete(key);
		for (const key of this.#buckets.keys()) {
			if (this.#buckets.size <= mostKeys) break;
			this.#buckets.delete(key);
		}
	}
}
