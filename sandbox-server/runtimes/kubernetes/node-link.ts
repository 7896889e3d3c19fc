/**
 * One connection of this server to the agent of one node: HTTP/2 over TLS, in which every connection of a sandbox is a stream. It is made anew when it
 * breaks, for as long as it is wanted.
 */
import { readFile } from 'node:fs/promises';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { isIPv6 } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { nodeAgentName } from './names.ts';

/** Files by which server and node agents know each other; read anew for each connection, since certificates are renewed. */
export interface LinkFiles {
	ca: string;
	certificate: string;
	key: string;
}

export interface LinkOptions {
	/** Of the node agent, as it is known now; undefined: there is none at the moment. */
	address: () => { host: string; port: number } | undefined;
	files: LinkFiles;
	/** It is there: all that is wanted is to be said again. */
	onUp: () => void;
	onDown: () => void;
	/** Told why it cannot be had, once until it is there again. */
	onFault: (error: Error) => void;
	/** In place of what is usual, for tests: ms between two questions whether the other side is there, and until it is taken for gone. */
	pingMs?: number;
	silenceMs?: number;
}

/** A connection, and what carries it. */
interface Opened {
	session: ClientHttp2Session;
	socket: TLSSocket;
}

/** What a node agent may have on its way to one stream before that has read it, and to all of them, bytes. */
const streamWindow = 2 ** 20;
const sessionWindow = 64 * 2 ** 20;
/** Between two questions whether the other side is there, and until it is taken for gone, ms. */
const pingMs = 5000;
const silenceMs = 15_000;
/** For the first word of a new connection, ms. */
const connectMs = 10_000;
/** After a failure, ms: the first pause, and the longest. */
const pauses = { first: 100, most: 3000 };
/** How long a question may take, ms. */
const answerMs = 15_000;

export class NodeLink {
	readonly #options: LinkOptions;
	#session: ClientHttp2Session | undefined;
	/** Ends what there is of a connection. */
	#end: (() => void) | undefined;
	#up = false;
	#failures = 0;
	#told = false;
	#retry: NodeJS.Timeout | undefined;
	#closed = false;

	constructor(options: LinkOptions) {
		this.#options = options;
		void this.#connect();
	}

	get up(): boolean {
		return this.#up;
	}

	/** Its address may be another: tried at once where there is no connection. */
	addressChanged(): void {
		if (this.#session || this.#closed) return;
		clearTimeout(this.#retry);
		void this.#connect();
	}

	/** Never rejects. */
	async #connect(): Promise<void> {
		const { address, files, onUp, onDown } = this.#options;
		const place = address();
		// Tried again when there is one.
		if (!place) return this.#fault(new Error('no node agent is at work there'));
		const opened = await this.#open(place, files).catch((error: Error) => {
			this.#fault(error);
			this.#later();
			return undefined;
		});
		if (!opened) return;
		const { session, socket } = opened;
		this.#session = session;
		let heard = Date.now();
		let ended = false;
		const end = (error?: Error) => {
			if (ended) return;
			ended = true;
			clearTimeout(late);
			clearInterval(pings);
			this.#session = undefined;
			this.#end = undefined;
			session.destroy();
			// With bytes on their way, the session alone waits for them, and tells nobody that it has ended.
			socket.destroy();
			const wasUp = this.#up;
			this.#up = false;
			if (error) this.#fault(error);
			else if (!wasUp)
				this.#fault(new Error('it hangs up at once (does it know the authority that has signed this server’s certificate?)'));
			if (wasUp) onDown();
			this.#later();
		};
		this.#end = end;
		const late = setTimeout(() => end(new Error(`no answer within ${connectMs} ms`)), connectMs).unref();
		const pings = setInterval(() => {
			if (Date.now() - heard > (this.#options.silenceMs ?? silenceMs)) return end(new Error('it does not answer any more'));
			if (!this.#up || session.destroyed) return;
			session.ping((error) => {
				// A question that is given up is answered, too: with an error.
				if (!error) heard = Date.now();
			});
		}, this.#options.pingMs ?? pingMs).unref();
		session.on('error', end);
		session.once('remoteSettings', () => {
			if (ended) return;
			clearTimeout(late);
			heard = Date.now();
			session.setLocalWindowSize(sessionWindow);
			session.unref();
			this.#up = true;
			this.#told = false;
			this.#failures = 0;
			onUp();
		});
		// It is on its way out; what takes its place is to be asked at once.
		session.on('goaway', () => end());
		session.once('close', () => end());
	}

	async #open({ host, port }: { host: string; port: number }, files: LinkFiles): Promise<Opened | undefined> {
		const [ca, cert, key] = await Promise.all([files.ca, files.certificate, files.key].map((file) => readFile(file)));
		if (this.#closed || this.#session) return undefined;
		const socket = connectTls({ host, port, ca, cert, key, servername: nodeAgentName, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] });
		const session = connect(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`, {
			createConnection: () => socket,
			settings: { enablePush: false, initialWindowSize: streamWindow },
			// Of one session all sandboxes of a node are.
			maxSessionMemory: 1024,
		});
		return { session, socket };
	}

	#fault(error: Error): void {
		if (this.#told || this.#closed) return;
		this.#told = true;
		this.#options.onFault(error);
	}

	#later(): void {
		if (this.#closed) return;
		const ms = Math.min(pauses.most, pauses.first * 2 ** Math.min(this.#failures++, 10));
		clearTimeout(this.#retry);
		this.#retry = setTimeout(() => void this.#connect(), ms).unref();
	}

	/** A request whose body stays open: a connection to come. undefined: there is no connection to the node agent. */
	open(path: string): ClientHttp2Stream | undefined {
		if (!this.#up || !this.#session || this.#session.destroyed) return undefined;
		const stream = this.#session.request(
			{ [constants.HTTP2_HEADER_METHOD]: 'POST', [constants.HTTP2_HEADER_PATH]: path },
			{ endStream: false },
		);
		return stream;
	}

	/** @returns status and text of the answer @throws Error when there is none */
	async ask(method: 'PUT' | 'POST' | 'DELETE' | 'GET', path: string, body?: string): Promise<{ status: number; text: string }> {
		const session = this.#session;
		if (!this.#up || !session || session.destroyed) throw new Error('there is no connection to the node agent');
		const stream = session.request(
			{ [constants.HTTP2_HEADER_METHOD]: method, [constants.HTTP2_HEADER_PATH]: path },
			{ endStream: body === undefined },
		);
		stream.setTimeout(answerMs, () => stream.close(constants.NGHTTP2_CANCEL));
		return await new Promise((resolve, reject) => {
			let status = 0;
			let text = '';
			stream.setEncoding('utf8');
			stream.on('response', (headers) => {
				status = Number(headers[':status']);
			});
			stream.on('data', (part: string) => {
				text += part;
			});
			stream.on('error', reject);
			stream.on('close', () => (status > 0 ? resolve({ status, text }) : reject(new Error('the node agent did not answer'))));
			if (body !== undefined) stream.end(body);
		});
	}

	/** For good. */
	close(): void {
		this.#closed = true;
		clearTimeout(this.#retry);
		this.#end?.();
	}
}
