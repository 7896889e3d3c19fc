/** How a lab stands, and how it may come to stand otherwise. docs/decisions/0019-life-of-a-lab.md has the reasons. */

/**
 * - none: it has no sandbox, and asks for none
 * - queued: its learner waits for one
 * - starting: one is being made, or one of the pool is being given to it
 * - live: it has one
 * - stopping: it is being put away
 * - lost: it ended by itself, and its learner has not asked for another
 */
export type LabState = 'none' | 'queued' | 'starting' | 'live' | 'stopping' | 'lost';

const next: Record<LabState, readonly LabState[]> = {
	// live, lost: so it was when the server before this one ended.
	none: ['queued', 'live', 'lost'],
	lost: ['queued', 'live'],
	// none: called off, gave way to somebody else, or left.
	queued: ['starting', 'none'],
	// queued: the engine went away, or the sandbox of the pool was dead; none: called off, or it could not be had.
	starting: ['live', 'queued', 'none'],
	// queued: it ended before its learner had seen anything of it.
	live: ['stopping', 'lost', 'queued'],
	// live: the engine did not answer.
	stopping: ['none', 'live'],
};

/** Whether a lab may go from one state to the other. Anything else is a mistake in this program. */
export function mayGo(from: LabState, to: LabState): boolean {
	return next[from].includes(to);
}

/** It has a sandbox, or one is on its way to it. */
export function isPresent(state: LabState): boolean {
	return state === 'starting' || state === 'live' || state === 'stopping';
}

/** It has none, and asks for none. */
export function isAtRest(state: LabState): boolean {
	return state === 'none' || state === 'lost';
}
