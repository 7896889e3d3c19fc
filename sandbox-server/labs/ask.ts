/** Questions to the engine. */
import type { Clock } from '../platform/clock.ts';
import { DeadlinePassed, withDeadline } from '../platform/deadline.ts';
import { RuntimeAway } from '../runtimes/runtime.ts';

const answerMs = 30_000;

/** One that hangs is one that gets no answer. @throws RuntimeAway; what the question throws */
export async function ask<T>(clock: Clock, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
	try {
		return await withDeadline({ clock, ms: answerMs }, question);
	} catch (error) {
		throw error instanceof DeadlinePassed ? new RuntimeAway('no answer in time', { cause: error }) : error;
	}
}

/** The engine did not answer. */
export function isAway(error: unknown): boolean {
	return error instanceof RuntimeAway;
}
