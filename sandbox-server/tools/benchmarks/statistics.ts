/** What is said of many samples. */

/** The `p`-th percentile (0 … 100) by nearest rank: always a sample that was seen. @throws RangeError without samples, or p out of range */
export function percentile(samples: readonly number[], p: number): number {
	if (samples.length === 0) throw new RangeError('no samples');
	if (!(p >= 0 && p <= 100)) throw new RangeError(`no such percentile: ${p}`);
	const sorted = [...samples].sort((a, b) => a - b);
	const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
	return sorted[rank - 1] as number;
}

/** @throws RangeError without samples */
export function median(samples: readonly number[]): number {
	return percentile(samples, 50);
}

/** Least number of samples for which a percentile says more than the greatest sample does: p99 of 20 samples is their maximum. */
export function enoughFor(p: number): number {
	return p >= 100 ? 1 : Math.ceil(100 / (100 - p));
}
