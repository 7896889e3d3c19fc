/** How much more this machine has to do than it can: what is bounded by the clock has to allow for it. */
import { availableParallelism, loadavg } from 'node:os';

/** What takes longer than so many times its usual time hangs, whatever else goes on. */
const most = 6;

/**
 * @param load programs that ran or waited, on average, in the last minute; @param processors of this machine
 * @returns by what a bound for a quiet machine is to be multiplied: a whole number from 1 to 6
 */
export function crowding(load = loadavg()[0] ?? 0, processors = availableParallelism()): number {
	return Math.min(most, Math.max(1, Math.round(load / processors) || 1));
}
