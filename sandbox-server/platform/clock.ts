/** Time as it is handed to everything that waits, so that tests can move it. */
import { warnOfFault } from './fault.ts';

export interface Clock {
	/** ms since 1970. */
	now(): number;
	/** Calls `action` once after `ms`; returns a function that cancels it (also when it is too late to). */
	after(ms: number, action: () => void): () => void;
}

/** The machine's. A timer whose action throws is a fault of its own: it is reported, and does not end the process. */
export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, action) {
		const timer = setTimeout(() => guarded(action, warnOfFault), ms);
		return () => clearTimeout(timer);
	},
};

export interface Repetition {
	clock: Clock;
	/** From the end of one turn to the beginning of the next. */
	ms: number;
	/** One turn. When it returns a promise, the turn lasts until that settles. */
	action: () => unknown;
	/** Gets what a turn threw or rejected with; the next turn comes all the same. Default: a warning of the process. */
	onFault?: (error: unknown) => void;
}

/** Calls `action` again and again until the returned function is called; the first time after `ms`. */
export function every({ clock, ms, action, onFault = warnOfFault }: Repetition): () => void {
	let stopped = false;
	let cancel = clock.after(ms, turn);
	function turn(): void {
		const lasting = guarded(action, onFault);
		if (lasting instanceof Promise) lasting.catch(onFault).finally(again);
		else again();
	}
	function again(): void {
		if (!stopped) cancel = clock.after(ms, turn);
	}
	return () => {
		stopped = true;
		cancel();
	};
}

function guarded(action: () => unknown, onFault: (error: unknown) => void): unknown {
	try {
		return action();
	} catch (error) {
		onFault(error);
		return undefined;
	}
}
