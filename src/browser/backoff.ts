/**
 * How long to wait before connecting again, in ms: 0.5 s doubling to 20 s, each between half and all of it, so that a room whose server
 * came back does not knock at once.
 * @param attempt failures in a row, from 1
 * @param random 0 … 1
 */
export function backoff(attempt: number, random: number = Math.random()): number {
	const full = Math.min(20_000, 500 * 2 ** Math.min(Math.max(attempt, 1) - 1, 10));
	return Math.round(full / 2 + (full / 2) * random);
}
