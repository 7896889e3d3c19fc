/**
 * What servers may ask for. All below /v1/instances/INSTANCE/sandboxes:
 *
 * GET                        → {"sandboxes": [{"name", "namespace", "pod", "uid"}]}: those of this node
 * PUT    /NAME/files/FILE    the body's text, at /run/etabli/FILE
 * DELETE /NAME/files/FILE
 * POST   /NAME/doors/DOOR    parked: 102 when its socket listens, 200 when a program has connected to it, then that connection's bytes both ways;
 *                            409 when another server asks for the same door
 * POST   /NAME/claim         connections that other servers have to it are cut
 * POST   /NAME/release       → {"cut"}: how many file systems of its own were cut that kept its killed processes from ending
 * DELETE /NAME               forget it
 *
 * A sandbox that is not here is awaited for two minutes: its files are there before its programs start. Then, and when its pod is gone, streams that
 * are parked are answered 404 and 410.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { abortFuseConnections } from '../runtimes/fuse-connections.ts';
import { type Log, wordsOf } from './log.ts';
import { processesOf } from './processes.ts';
import { answer, refuse } from './refuse.ts';
import { type DoorName, doorNames, fileName, mostFileBytes, plainName, TooManyFiles } from './sandbox.ts';
import { type Sandboxes, TooManyAwaited } from './sandboxes.ts';

interface Place {
	instance: string;
	name: string;
}

export class Routes {
	readonly #sandboxes: Sandboxes;
	readonly #log: Log;

	constructor(sandboxes: Sandboxes, log: Log) {
		this.#sandboxes = sandboxes;
		this.#log = log;
	}

	/** Answers one request. */
	take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
		const method = headers[':method'] ?? '';
		const path = headers[':path'] ?? '';
		this.#route(stream, method, path).catch((error: unknown) => {
			if (error instanceof TooManyAwaited || error instanceof TooManyFiles) return refuse(stream, 429, error.message);
			this.#log('warn', 'a request failed', { method, path, error: wordsOf(error) });
			refuse(stream, 500, wordsOf(error));
		});
	}

	async #route(stream: ServerHttp2Stream, method: string, path: string): Promise<void> {
		const [empty, version, instances, instance = '', sandboxes, name, what, which, ...more] = path.split('/');
		const known = empty === '' && version === 'v1' && instances === 'instances' && sandboxes === 'sandboxes' && more.length === 0;
		if (!known || !plainName.test(instance) || (name !== undefined && !plainName.test(name))) {
			return refuse(stream, 404, `there is nothing at ${path}`);
		}
		if (name === undefined) {
			if (method !== 'GET') return refuse(stream, 405, `${method} is nothing to be asked here`);
			const found = this.#sandboxes
				.list(instance)
				.map((pod) => ({ name: pod.name, namespace: pod.namespace, pod: pod.name, uid: pod.uid }));
			return answer(stream, 200, { sandboxes: found });
		}
		const place = { instance, name };
		if (what === undefined && method === 'DELETE') {
			this.#sandboxes.forget(instance, name);
			return answer(stream, 204);
		}
		if (what === 'claim' && which === undefined && method === 'POST') {
			this.#sandboxes.find(instance, name)?.claim(stream.session);
			return answer(stream, 204);
		}
		if (what === 'release' && which === undefined && method === 'POST') return this.#release(stream, place);
		if (what === 'doors' && method === 'POST') return this.#park(stream, place, which);
		if (what === 'files' && which !== undefined) return await this.#file(stream, place, { method, file: which });
		refuse(stream, 404, `there is nothing to ${method} at ${path}`);
	}

	#park(stream: ServerHttp2Stream, { instance, name }: Place, door: string | undefined): void {
		if (!isDoor(door)) return refuse(stream, 404, `doors are ${doorNames.join(', ')}`);
		this.#sandboxes.expect(instance, name).park(door, stream);
	}

	#release(stream: ServerHttp2Stream, { instance, name }: Place): void {
		const pod = this.#sandboxes.find(instance, name)?.pod;
		answer(stream, 200, { cut: pod ? abortFuseConnections(processesOf(pod.uid)) : 0 });
	}

	async #file(stream: ServerHttp2Stream, { instance, name }: Place, { method, file }: { method: string; file: string }): Promise<void> {
		if (!fileName.test(file)) return refuse(stream, 400, `${file} is no name for a file there`);
		if (method === 'DELETE') {
			this.#sandboxes.find(instance, name)?.withdraw(file);
			return answer(stream, 204);
		}
		if (method !== 'PUT') return refuse(stream, 405, `${method} is nothing to be asked of a file`);
		const text = await bodyOf(stream);
		if (!text) return refuse(stream, 413, `a file has at most ${mostFileBytes} bytes`);
		this.#sandboxes.expect(instance, name).put(file, text);
		answer(stream, 204);
	}
}

function isDoor(name: string | undefined): name is DoorName {
	return doorNames.some((door) => door === name);
}

/** The body; undefined: longer than a file may be. */
function bodyOf(stream: ServerHttp2Stream): Promise<Buffer | undefined> {
	return new Promise((resolve, reject) => {
		const parts: Buffer[] = [];
		let length = 0;
		stream.on('data', (part: Buffer) => {
			length += part.length;
			if (length > mostFileBytes) resolve(undefined);
			else parts.push(part);
		});
		stream.once('end', () => resolve(Buffer.concat(parts)));
		stream.once('close', () => reject(new Error('the request was broken off')));
	});
}
