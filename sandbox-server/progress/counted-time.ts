/** How long somebody has worked: what stands between two signs of it, unless that is a pause. */

/** Between two signs of work at most, ms. Longer, and nobody knows whether somebody was there: none of it counts. */
export const pauseMs = 10 * 60_000;

/** A sign of work, ms since 1970: a command from its beginning to its end; a verdict is one moment. */
export interface Sign {
	from: number;
	at: number;
}

/**
 * What a sign adds to the time worked. Signs are moments: a command is two, its beginning and its end. Between two moments that follow each
 * other time counts when it is no pause, and it counts once, however many terminals are at work.
 * @param last the moment before; undefined: this is the first
 * @returns ms
 */
export function countedTime(last: number | undefined, { from, at }: Sign): number {
	const moments = [last ?? from, Math.max(from, last ?? from), at];
	let sum = 0;
	for (const [index, moment] of moments.entries()) {
		const gap = moment - (moments[index - 1] ?? moment);
		// A clock that was set back gives nothing.
		if (gap > 0 && gap <= pauseMs) sum += gap;
	}
	return sum;
}
