/**
 * Questions to the API server of a cluster. How it is reached and who we are there comes from the official client (kubeconfig, service account,
 * programs that hand out tokens); the questions themselves are plain requests of ours, because of what the client lacks: it opens a connection
 * anew for each, does not heed Retry-After, and ends a watch on which nothing happens for half a minute (docs/decisions/0047-kubernetes.md).
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestPlainly } from 'node:http';
import { Agent, type RequestOptions, request as requestSafely } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';

/** It does not answer, or not us. */
export class ApiAway extends Error {
	override readonly name = 'ApiAway';
}

/** Its answer is no. */
export class ApiRefusal extends Error {
	override readonly name = 'ApiRefusal';
	/** Of HTTP. */
	readonly status: number;
	/** Such as "AlreadyExists". */
	readonly reason: string;
	constructor(status: number, reason: string, message: string) {
		super(message);
		this.status = status;
		this.reason = reason;
	}
}

export interface Question {
	method?: 'GET' | 'POST' | 'DELETE';
	/** Such as /api/v1/nodes. */
	path: string;
	query?: Record<string, string | number | boolean> | undefined;
	body?: object;
	signal: AbortSignal;
}

/** One line of a watch. */
export interface WatchEvent {
	type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
	object: unknown;
}

/** The most bytes of one answer: thousands of pods, and some. */
const mostBytes = 256 * 2 ** 20;
/** How often a question is asked again to which the API server says that it is not well (500, 502, 503, 504). */
const againAtMost = 3;
/** Before that, ms, and longer each time; also where 429 names no time. */
const pauseMs = 300;
/** The longest pause that it can ask for, ms: longer than anybody's deadline here. */
const longestPauseMs = 60_000;
/** A watch on which nothing came for so long is dead, ms: the API server sends a bookmark every minute. */
const silenceMs = 150_000;

export interface ApiOptions {
	/** Name of a context of the kubeconfig; undefined: its current one, or the service account of this pod. */
	context: string | undefined;
	/** In place of what is found: a kubeconfig as text, for tests. */
	kubeconfig?: string;
	silenceMs?: number;
}

export class KubeApi {
	readonly #config: KubeConfig;
	readonly #base: URL;
	readonly #agent: HttpAgent;
	readonly #silenceMs: number;

	private constructor(config: KubeConfig, base: URL, options: ApiOptions) {
		this.#config = config;
		this.#base = base;
		const reuse = { keepAlive: true, keepAliveMsecs: 15_000 };
		this.#agent = base.protocol === 'http:' ? new HttpAgent(reuse) : new Agent(reuse);
		this.#silenceMs = options.silenceMs ?? silenceMs;
	}

	/** Asks nobody yet. @throws ApiAway with a sentence, when nothing says where the cluster is */
	static async open(options: ApiOptions): Promise<KubeApi> {
		// Only here: it is large, and of use with this engine alone.
		const { KubeConfig } = await import('@kubernetes/client-node');
		const config = new KubeConfig();
		try {
			if (options.kubeconfig !== undefined) config.loadFromString(options.kubeconfig);
			else config.loadFromDefault();
		} catch (error) {
			throw new ApiAway(`the kubeconfig cannot be read: ${(error as Error).message}`, { cause: error });
		}
		if (options.context !== undefined) {
			const names = config.getContexts().map(({ name }) => name);
			if (!names.includes(options.context))
				throw new ApiAway(`the kubeconfig has no context "${options.context}"; it has: ${names.join(', ') || 'none'}`);
			config.setCurrentContext(options.context);
		}
		const server = config.getCurrentCluster()?.server;
		// What the client falls back to where it finds nothing.
		if (!server || !URL.canParse(server) || config.getCurrentContext() === 'loaded-context')
			throw new ApiAway('nothing says where the cluster is: set KUBECONFIG, or run in a pod with a service account');
		return new KubeApi(config, new URL(server), options);
	}

	/** Address of the API server. */
	get server(): string {
		return this.#base.origin;
	}

	/**
	 * Asks until there is an answer: a pause that the API server asks for (429) is made, and a moment of weakness (5xx) passed over.
	 * @returns the answer, out of its JSON @throws ApiAway also when `signal` aborts; ApiRefusal
	 */
	async ask<T>(question: Question): Promise<T> {
		for (let times = 0; ; times++) {
			const answer = await this.#send(question);
			const status = answer.statusCode ?? 0;
			const text = await read(answer, question.signal);
			if (status < 300) return parsed(text) as T;
			const pause = pauseBefore(status, answer.headers['retry-after'], times);
			if (pause === undefined) throw refusal(status, text);
			await sleep(pause, undefined, { signal: question.signal }).catch(() => {
				throw new ApiAway(`given up while it asked for patience: ${refusal(status, text).message}`, { cause: question.signal.reason });
			});
		}
	}

	/**
	 * Follows what happens, until the API server ends that in good order, as it does every few minutes.
	 * @param onOpen from now on nothing is missed
	 * @throws ApiAway, also when the watch was silent for too long or `signal` aborts; ApiRefusal (410: what it should go on from is forgotten)
	 */
	async watch(question: Omit<Question, 'method' | 'body'>, onEvent: (event: WatchEvent) => void, onOpen: () => void): Promise<void> {
		const answer = await this.#openWatch(question);
		// It keeps no process alive that has nothing else to do.
		answer.socket?.unref();
		const status = answer.statusCode ?? 0;
		if (status >= 300) throw refusal(status, await read(answer, question.signal));
		const silent = setTimeout(() => answer.destroy(new ApiAway('the watch was silent for too long')), this.#silenceMs).unref();
		const cut = () => answer.destroy(new ApiAway('given up', { cause: question.signal.reason }));
		question.signal.addEventListener('abort', cut, { once: true });
		// Of one that breaks after the loop has been left.
		answer.on('error', () => undefined);
		try {
			onOpen();
			for await (const line of linesOf(answer, () => silent.refresh())) {
				const event = JSON.parse(line) as WatchEvent;
				if (event.type === 'ERROR') throw refusalOf(event.object as Status);
				onEvent(event);
			}
		} catch (error) {
			throw error instanceof ApiRefusal ? error : away(error);
		} finally {
			clearTimeout(silent);
			question.signal.removeEventListener('abort', cut);
			answer.destroy();
		}
	}

	async #openWatch(question: Omit<Question, 'method' | 'body'>): Promise<IncomingMessage> {
		const query = { ...question.query, watch: true, allowWatchBookmarks: true };
		const late = new AbortController();
		const timer = setTimeout(() => late.abort(), this.#silenceMs).unref();
		try {
			return await this.#send({ ...question, query, signal: AbortSignal.any([question.signal, late.signal]) });
		} catch (error) {
			throw late.signal.aborted ? new ApiAway('the watch was silent for too long', { cause: error }) : error;
		} finally {
			clearTimeout(timer);
		}
	}

	async #send({ method = 'GET', path, query = {}, body, signal }: Question): Promise<IncomingMessage> {
		if (signal.aborted) throw new ApiAway('given up', { cause: signal.reason });
		const url = new URL(this.#base);
		url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
		for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
		const text = body === undefined ? undefined : JSON.stringify(body);
		const options: RequestOptions = {
			method,
			signal,
			headers: {
				accept: 'application/json',
				'user-agent': 'etabli',
				...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
			},
		};
		try {
			await this.#config.applyToHTTPSOptions(options);
		} catch (error) {
			throw new ApiAway(`who we are to the cluster cannot be told: ${(error as Error).message}`, { cause: error });
		}
		// The client's own agent opens a connection for each question; only one that goes through a proxy is needed.
		if (!this.#config.getCurrentCluster()?.proxyUrl) options.agent = this.#agent;
		return await new Promise((resolve, reject) => {
			const sent = (url.protocol === 'http:' ? requestPlainly : requestSafely)(url, options, resolve);
			sent.on('error', (error) => reject(away(error)));
			sent.end(text);
		});
	}

	/** Lets go of connections that wait. */
	close(): void {
		this.#agent.destroy();
	}
}

/** As Kubernetes says no. */
interface Status {
	code?: number;
	reason?: string;
	message?: string;
}

async function read(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
	const parts: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const part of answer as AsyncIterable<Buffer>) {
			bytes += part.length;
			if (bytes > mostBytes) throw new Error(`its answer has more than ${mostBytes} bytes`);
			parts.push(part);
		}
	} catch (error) {
		throw away(signal.aborted ? signal.reason : error);
	}
	return Buffer.concat(parts).toString('utf8');
}

/** @throws ApiAway when something else answers, a proxy say */
function parsed(text: string): unknown {
	try {
		return text === '' ? {} : JSON.parse(text);
	} catch (error) {
		throw new ApiAway(`what answers is no API server: ${text.trim().slice(0, 300)}`, { cause: error });
	}
}

/** @throws when it is cut */
async function* linesOf(answer: IncomingMessage, onPart: () => void): AsyncGenerator<string> {
	let rest = '';
	answer.setEncoding('utf8');
	for await (const part of answer as AsyncIterable<string>) {
		onPart();
		const lines = `${rest}${part}`.split('\n');
		rest = lines.pop() ?? '';
		yield* lines.filter((line) => line !== '');
	}
}

/** ms before the same question is asked again; undefined: it is not. */
function pauseBefore(status: number, retryAfter: string | undefined, times: number): number | undefined {
	const wanted = Number(retryAfter) * 1000;
	const pause = Number.isFinite(wanted) ? wanted : pauseMs * 2 ** Math.min(times, 5);
	if (status === 429) return Math.min(pause, longestPauseMs);
	return [500, 502, 503, 504].includes(status) && times < againAtMost ? Math.min(pause, 5000) : undefined;
}

function refusal(status: number, text: string): ApiRefusal | ApiAway {
	let said: Status = {};
	try {
		said = JSON.parse(text) as Status;
	} catch {
		// Not Kubernetes: something that stands before it.
		said = { message: text.trim().slice(0, 300) };
	}
	return refusalOf({ ...said, code: status });
}

function refusalOf({ code = 500, reason = '', message = '' }: Status): ApiRefusal | ApiAway {
	const text = message || reason || `HTTP ${code}`;
	if (code === 401) return new ApiAway(`the cluster does not know us: ${text}`);
	return code >= 500 ? new ApiAway(text) : new ApiRefusal(code, reason, text);
}

function away(error: unknown): ApiAway {
	if (error instanceof ApiAway) return error;
	const text = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
	return new ApiAway(text || 'no answer', { cause: error });
}
