/** What the client library throws, in the engine interface's terms. */
import { EngineAway } from './engine.ts';

/** HTTP status of the engine's answer; undefined when it gave none. */
export function statusOf(error: unknown): number | undefined {
	if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
	return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The engine's own words, without the library's frame around them. */
export function reason(error: unknown): string {
	if (typeof error === 'object' && error !== null && 'json' in error) {
		const { json } = error;
		if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') return json.message;
	}
	return error instanceof Error ? error.message : String(error);
}

/** EngineAway when there was no answer (refused, no such socket, reset, time limit, its own containerd away); otherwise an error with the engine's words. */
export function translated(error: unknown): Error {
	if (error instanceof EngineAway) return error;
	if (statusOf(error) === undefined ? isSilence(error) : isHalfAway(error))
		return new EngineAway(`the engine does not answer: ${reason(error)}`, { cause: error });
	return new Error(`the engine refused: ${reason(error)}`, { cause: error });
}

/** dockerd answers, but the containerd behind it is just being started again. */
function isHalfAway(error: unknown): boolean {
	return statusOf(error) === 500 && /connection error|transport.* closing|: unavailable\b/i.test(reason(error));
}

function isSilence(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return 'code' in error || error.name === 'AbortError' || error.name === 'TimeoutError';
}

/** `promise`, or a rejection with the signal's reason as soon as it aborts. The promise itself goes on. */
export function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new DOMException('given up', 'AbortError'));
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}
