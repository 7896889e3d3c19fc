/** Work that has to be done by a certain time, or until somebody calls it off. */
import type { Clock } from './clock.ts';

/** What `withDeadline` rejects with when the time is over. */
export class DeadlinePassed extends Error {
	override readonly name = 'DeadlinePassed';
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

/** The promise, or a rejection with the signal's reason as soon as it aborts. The promise itself goes on. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}
