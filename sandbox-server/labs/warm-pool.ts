/** How many sandboxes are to be ready ahead: by the operator's word, else by the hour, or as the course says, and for people who are expected. */
import type { CourseSettings } from '../../src/shared/course/course.ts';

/** What the operator said while the server runs. */
export interface PoolOrder {
	ready: number;
	/** From then on, ms; until another order, or `until`. */
	from: number;
	until: number | undefined;
}

interface Wanted extends Pick<CourseSettings, 'pool' | 'warm'> {
	/** People who are to come about now. */
	expected?: number | undefined;
}

/** @param now ms since 1970; hours are those of the server's time zone */
export function poolSize({ pool, warm, expected = 0 }: Wanted, order: PoolOrder | undefined, now: number): number {
	if (order && now >= order.from && (order.until === undefined || now < order.until)) return order.ready;
	const time = new Date(now);
	const minute = time.getHours() * 60 + time.getMinutes();
	const within = warm.find(({ from, until }) => (from <= until ? minute >= from && minute < until : minute >= from || minute < until));
	return Math.max(within?.ready ?? pool, expected);
}
