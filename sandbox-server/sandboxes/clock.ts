/** Time as it is handed to everything that waits, so that tests can move it. */
export interface Clock {
	/** ms since 1970. */
	now(): number;
	/** Calls `action` once after `ms`; returns a function that cancels it (also when it is too late to). */
	after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, action) {
		const timer = setTimeout(action, ms);
		return () => clearTimeout(timer);
	},
};

/** Calls `action` every `ms` until the returned function is called. The next turn is counted from the end of the last. */
export function every(clock: Clock, ms: number, action: () => void): () => void {
	let cancel = clock.after(ms, turn);
	let stopped = false;
	function turn(): void {
		action();
		if (!stopped) cancel = clock.after(ms, turn);
	}
	return () => {
		stopped = true;
		cancel();
	};
}

/**
 * Runs `work` with a signal that aborts after `ms`, or when `outer` does. Rejects at that moment even if `work` does not listen to its
 * signal: a part that hangs must not hang the rest.
 */
export async function withDeadline<T>(
	{ clock, ms, outer }: { clock: Clock; ms: number; outer?: AbortSignal | undefined },
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const controller = new AbortController();
	const cancel = clock.after(ms, () => controller.abort(new DeadlinePassed(`not done after ${ms} ms`)));
	const passOn = () => controller.abort(outer?.reason);
	if (outer?.aborted) passOn();
	outer?.addEventListener('abort', passOn, { once: true });
	try {
		return await untilAborted(work(controller.signal), controller.signal);
	} finally {
		cancel();
		outer?.removeEventListener('abort', passOn);
	}
}

/** The promise, or the signal's reason as soon as it aborts. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}

export class DeadlinePassed extends Error {
	override readonly name = 'DeadlinePassed';
}
