/**
 * The registry as sandboxes see it: one listener per sandbox, so the socket says who asks; every request is decided by rules.ts, counted
 * against the learner's quota, and only then passed on to the registry's own socket, which no sandbox can reach.
 */
import { Agent, createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http';
import { connectUnix } from '../platform/unix-socket.ts';
import type { Transport } from '../runtimes/transport.ts';
import { type Entry, Quota, type QuotaLimits } from './quota.ts';
import { decide, type Identity, type Passage, type Refusal } from './rules.ts';

export interface RegistryFrontOptions {
	/** Socket of the registry itself. */
	upstreamSocket: string;
	limits?: Partial<QuotaLimits>;
	/** Bytes that a learner already has in the registry; asked once per learner, and again before refusing for want of room. */
	usedBytes?: (learner: string) => Promise<number>;
	/** The same of all learners together. */
	usedByAll?: () => Promise<number>;
	/** Bytes that are free on the registry's disk. */
	freeBytes?: () => Promise<number>;
	/** Faults that no client is told of. */
	onFault?: (error: unknown) => void;
}

/** A manifest is a list of some hundred bytes per layer; the registry's own limit. */
const maxManifest = 4 * 1024 * 1024;
/** An answer that is rewritten: a list of tags. */
const maxRewritten = 1024 * 1024;
/** Silence of the registry, and of a client, in ms. */
const silence = 60_000;
/** A whole request, in ms: an upload of the whole quota on a busy machine. */
const longest = 10 * 60_000;

const forward = ['accept', 'range', 'if-none-match'];
/** Only of a request whose body is passed on: the registry would wait for a body that was announced and does not come. */
const forwardOfBody = ['content-type', 'content-length', 'content-range'];
const back = [
	'accept-ranges',
	'content-length',
	'content-range',
	'content-type',
	'docker-content-digest',
	'docker-distribution-api-version',
	'docker-upload-uuid',
	'etag',
	'link',
	'location',
	'oci-chunk-min-length',
	'oci-subject',
	'range',
];

export class RegistryFront {
	readonly #agent: Agent;
	readonly #quota: Quota;
	readonly #onFault: (error: unknown) => void;

	constructor({ upstreamSocket, limits = {}, usedBytes, usedByAll, freeBytes, onFault = () => undefined }: RegistryFrontOptions) {
		// Each learner has a few at once (quota.ts); slow ones must not keep those of others waiting.
		this.#agent = new Agent({ keepAlive: true, maxSockets: 2048, timeout: silence });
		// Every connection goes to the one socket, whatever host is named.
		this.#agent.createConnection = () => connectUnix(upstreamSocket);
		this.#quota = new Quota(limits, { used: usedBytes, usedByAll, free: freeBytes });
		this.#onFault = onFault;
	}

	/**
	 * Serves one sandbox.
	 * @throws Error of the system, when the sandbox cannot reach this server
	 */
	async listen(transport: Transport, identity: Identity): Promise<{ close(): Promise<void> }> {
		const server = createServer(
			{ requestTimeout: longest, headersTimeout: 10_000, maxHeaderSize: 16 * 1024, keepAliveTimeout: 30_000 },
			(incoming, outgoing) => {
				this.#serve(incoming, outgoing, identity).catch((error: unknown) => {
					this.#onFault(error);
					if (outgoing.headersSent) outgoing.destroy();
					else
						refused(outgoing, {
							kind: 'refuse',
							status: 503,
							code: 'UNAVAILABLE',
							message: 'the registry does not answer: try again in a moment',
						});
				});
			},
		);
		server.maxConnections = 64;
		server.maxRequestsPerSocket = 1000;
		server.on('error', this.#onFault);
		server.on('clientError', (_error, socket) => socket.destroy());
		const stop = await transport.serve('registry', server);
		return {
			close: async () => {
				const stopped = stop();
				server.closeAllConnections();
				await stopped;
			},
		};
	}

	/** What all learners have in it, and may have, bytes; as far as it is known after `measure`. */
	get room(): { bytes: number; most: number } {
		return this.#quota.room;
	}

	/** Looks at what all learners have. @throws Error of the file system */
	async measure(): Promise<void> {
		await this.#quota.measure();
	}

	/** Lets go of the connections to the registry. */
	close(): void {
		this.#agent.destroy();
	}

	/** Forgets what is known of a learner: after their images have been removed. */
	forget(learner: string): void {
		this.#quota.forget(learner);
	}

	async #serve(incoming: IncomingMessage, outgoing: ServerResponse, who: Identity): Promise<void> {
		outgoing.setHeader('docker-distribution-api-version', 'registry/2.0');
		outgoing.setHeader('x-content-type-options', 'nosniff');
		const decision = decide(incoming.method ?? '', incoming.url ?? '', who);
		if (decision.kind === 'answer') return json(outgoing, 200, decision.body);
		if (decision.kind === 'refuse') return refused(outgoing, decision);
		const length = Number(incoming.headers['content-length'] ?? 0);
		if (decision.write === 'manifest' && length > maxManifest) return refused(outgoing, tooLarge);
		const place = await this.#quota.enter(who.learner, decision.write, Number.isSafeInteger(length) ? length : 0);
		if (place.kind === 'refuse') return refused(outgoing, place);
		try {
			await this.#pass(incoming, outgoing, decision, place.count);
		} finally {
			place.leave();
		}
	}

	/** Resolves when the answer has gone out. @throws when the registry does not answer */
	#pass(incoming: IncomingMessage, outgoing: ServerResponse, passage: Passage, count: Entry['count']): Promise<void> {
		return new Promise((resolve, reject) => {
			const headers: OutgoingHttpHeaders = { host: 'localhost:5000' };
			const names = passage.write === 'none' ? forward : [...forward, ...forwardOfBody];
			for (const name of names) if (incoming.headers[name] !== undefined) headers[name] = incoming.headers[name];
			const method = incoming.method ?? 'GET';
			const upstream = request({ agent: this.#agent, method, path: passage.path, headers, timeout: silence });
			outgoing.on('close', () => {
				upstream.destroy();
				resolve();
			});
			upstream.on('timeout', () => upstream.destroy(new Error('the registry is silent')));
			upstream.on('error', (error) => (outgoing.writableFinished || outgoing.destroyed ? resolve() : reject(error)));
			upstream.on('response', (answer) => {
				answer.on('error', reject);
				outgoing.statusCode = answer.statusCode ?? 502;
				for (const name of back) {
					const value = answer.headers[name];
					if (value !== undefined && isLocal(name, value)) outgoing.setHeader(name, value);
				}
				if (passage.renames && method === 'GET') renamed(answer, outgoing, passage.name).catch(reject);
				else answer.pipe(outgoing);
			});
			if (passage.write === 'none') {
				// What a reader sends along is of no interest.
				incoming.resume();
				upstream.end();
				return;
			}
			let bytes = 0;
			incoming.on('data', (chunk: Buffer) => {
				bytes += chunk.length;
				const refusal = passage.write === 'manifest' && bytes > maxManifest ? tooLarge : count(chunk.length);
				if (refusal) {
					incoming.pause();
					upstream.destroy();
					if (!outgoing.headersSent) refused(outgoing, refusal);
					return;
				}
				if (!upstream.write(chunk)) {
					incoming.pause();
					upstream.once('drain', () => incoming.resume());
				}
			});
			incoming.on('end', () => upstream.end());
			incoming.on('error', () => upstream.destroy());
		});
	}
}

const tooLarge: Refusal = { kind: 'refuse', status: 413, code: 'SIZE_INVALID', message: 'this manifest is too large' };

/** The registry is told to use relative addresses; an absolute one would lead out of the sandbox's reach. */
function isLocal(name: string, value: string | string[]): boolean {
	return name !== 'location' || (typeof value === 'string' && value.startsWith('/v2/'));
}

/** A list of tags under the name that was asked for. */
async function renamed(answer: IncomingMessage, outgoing: ServerResponse, name: string): Promise<void> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of answer as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > maxRewritten) throw new Error('the registry’s list of tags is too long');
		chunks.push(chunk);
	}
	const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
	outgoing.removeHeader('link');
	json(outgoing, outgoing.statusCode, outgoing.statusCode === 200 ? { ...(body as object), name } : body);
}

function json(outgoing: ServerResponse, status: number, body: unknown): void {
	const text = `${JSON.stringify(body)}\n`;
	outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
	outgoing.end(outgoing.req.method === 'HEAD' ? undefined : text);
}

function refused(outgoing: ServerResponse, { status, code, message }: Refusal): void {
	// A body that nobody reads would block the connection for the next request.
	outgoing.setHeader('connection', 'close');
	json(outgoing, status, { errors: [{ code, message }] });
}
