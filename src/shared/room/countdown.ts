/** Time that is left, as a clock shows it; how a page stands to where the class stops. Pure. */

/** "9:05", "1:02:00"; "0:00" once it is over. The last second is shown for as long as it lasts. @param ms that are left */
export function countdown(ms: number): string {
	const all = Math.max(0, Math.ceil(ms / 1000));
	const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
	const two = (n: number) => String(n).padStart(2, '0');
	return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/**
 * How a page's lesson stands to the step after which the class stops.
 * @param lessons slugs of the course, in order @param gate slug of the lesson of that step
 */
export function behindGate(lessons: readonly string[], lesson: string, gate: string): 'before' | 'at' | 'behind' {
	if (lesson === gate) return 'at';
	const [own, stops] = [lessons.indexOf(lesson), lessons.indexOf(gate)];
	return own >= 0 && stops >= 0 && own > stops ? 'behind' : 'before';
}

interface Gate {
	lesson: string;
	step: string;
}

/** What has come of the step after which the class stops; undefined: nothing. */
export function gateNews(before: Gate | undefined, now: Gate | undefined): 'set' | 'lifted' | undefined {
	if (before?.lesson === now?.lesson && before?.step === now?.step) return undefined;
	return now ? 'set' : 'lifted';
}
