/** The client of Docker's API, which Podman speaks too: how it is reached, and what it throws. */
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { inspect } from 'node:util';
import Docker from 'dockerode';

/**
 * Each request has a connection of its own: one that was kept may have been closed by the engine, and a process that was busy meanwhile has
 * not seen it; its next request would fail ("write EPIPE"), and pass for an engine that is away.
 * @param url unix:///path, tcp://host:port or http(s)://host:port
 */
export function clientOf(url: string): Docker {
	const options = address(url);
	// dockerode hands `agent` on to Node; its types leave it out.
	const agent = options.protocol === 'https' ? new SecureAgent({ keepAlive: false }) : new Agent({ keepAlive: false });
	// docker-modem 5.0.7 describes each request, agent and all, for a line of its debug log, whether anybody reads that or not: everything that
	// all requests under way hang on, for each of them. Removing 100 sandboxes at once took the server half a minute of processor time.
	Object.assign(agent, { [inspect.custom]: () => 'Agent' });
	const passedOn: Docker.DockerOptions & { agent: Agent } = { ...options, agent };
	return new Docker(passedOn);
}

/** Connection options from an address; never from the environment, which the client would otherwise mix in. */
function address(url: string): Docker.DockerOptions {
	const none = { host: undefined, port: undefined, protocol: undefined, socketPath: undefined };
	if (url.startsWith('unix://')) return { ...none, protocol: 'http', socketPath: url.slice('unix://'.length) };
	const { hostname, port, protocol } = new URL(url);
	return { ...none, host: hostname, port: port || 2375, protocol: protocol === 'https:' ? 'https' : 'http' };
}

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
	// An answer that was asked for as a stream comes with the frame alone: "(HTTP code 404) no such container - …".
	return (error instanceof Error ? error.message : String(error)).replace(/^\(HTTP code \d+\) [^\n]*? - /, '').trim();
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
