/** The WebSocket of a lesson page (docs/protocol.md §2): a ticket, the connection, and connecting again when it is lost. */
import {
	type ClientMessage,
	decodeFrame,
	encodeFrame,
	frameKind,
	maxClientFrame,
	type ServerMessage,
	serverMessageSchema,
	subprotocol,
} from '../../shared/protocol/messages.ts';
import type { Api } from '../api.ts';
import { Refused } from '../ask.ts';
import { backoff } from '../backoff.ts';
import type { Hurdle, LinkState } from '../terminal/dock-state.ts';
import { findSession, isSession } from './session.ts';

const largestInput = maxClientFrame - 5;
/** A server that does not welcome us within 10 s is as good as away. */
const welcomeMs = 10_000;

/** What fails in the same way so often is no accident. */
const hurdleTimes = 2;

export interface LinkEvents {
	state(state: LinkState): void;
	/** The server says something that this page does not know: it is newer. Told once. */
	outdated(): void;
	message(message: ServerMessage): void;
	bytes(channel: number, bytes: Uint8Array, kind: number): void;
}

export class Link {
	readonly #api: Api;
	readonly #events: LinkEvents;
	#socket: WebSocket | undefined;
	#failures = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#welcome: ReturnType<typeof setTimeout> | undefined;
	#wanted = false;
	#outdated = false;
	/** There has been a connection: from then on a failure is a lost one, not one that something keeps from being made. */
	#welcomed = false;
	/** What seems to keep one from being made, and how often it looked so. */
	#hurdle: { cause: Hurdle; seen: number } | undefined;

	constructor(api: Api, events: LinkEvents) {
		this.#api = api;
		this.#events = events;
		addEventListener('online', () => this.retryNow());
		// A page from the back/forward cache has lost its socket.
		addEventListener('pageshow', (event) => event.persisted && this.retryNow());
	}

	/** Connects, and stays connected. Idempotent. */
	open(): void {
		if (this.#wanted) return;
		this.#wanted = true;
		void this.#connect();
	}

	retryNow(): void {
		if (!this.#wanted || this.#timer === undefined) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		void this.#connect();
	}

	/** Does nothing while there is no connection: after the next welcome everything is opened anew. */
	send(message: ClientMessage): void {
		if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
	}

	sendInput(channel: number, bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; at += largestInput) {
			if (this.#socket?.readyState !== WebSocket.OPEN) return;
			this.#socket.send(encodeFrame(frameKind.input, channel, bytes.subarray(at, at + largestInput)));
		}
	}

	/** What keeps a connection from being made, when it is sure enough to be told. */
	get #blocked(): Hurdle | undefined {
		return !this.#welcomed && this.#hurdle && this.#hurdle.seen >= hurdleTimes ? this.#hurdle.cause : undefined;
	}

	async #connect(): Promise<void> {
		// What blocks stays to be read while it is tried again.
		if (!this.#blocked) this.#events.state({ kind: 'connecting' });
		let ticket: string;
		try {
			ticket = await this.#api.ticket();
		} catch (error) {
			// The cookie may have expired or been cleared: asking who we are sets a new one, unless the browser keeps none.
			const refused = error instanceof Refused ? error : undefined;
			const session = refused?.status === 401 ? await findSession() : undefined;
			this.#meet(refused?.code === 'wrong-origin' ? 'address' : session && isSession(session) ? 'cookies' : undefined);
			this.#later();
			return;
		}
		const url = new URL('/ws', location.href);
		url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
		const socket = new WebSocket(url, [subprotocol, `ticket.${ticket}`]);
		socket.binaryType = 'arraybuffer';
		this.#socket = socket;
		this.#welcome = setTimeout(() => socket.close(), welcomeMs);
		socket.addEventListener('message', ({ data }) => this.#take(socket, data));
		socket.addEventListener('close', () => {
			clearTimeout(this.#welcome);
			if (this.#socket !== socket) return;
			this.#socket = undefined;
			// The ticket came, so the server is there, and plain requests reach it.
			this.#meet('sockets');
			this.#later();
		});
	}

	#meet(cause: Hurdle | undefined): void {
		this.#hurdle = cause && { cause, seen: this.#hurdle?.cause === cause ? this.#hurdle.seen + 1 : 1 };
	}

	#take(socket: WebSocket, data: unknown): void {
		if (data instanceof ArrayBuffer) {
			const frame = decodeFrame(new Uint8Array(data));
			if (frame && frame.kind !== frameKind.input) this.#events.bytes(frame.channel, frame.bytes, frame.kind);
			return;
		}
		const message = parse(String(data));
		if (!message) {
			console.warn('The server speaks a newer language than this page.', String(data).slice(0, 500));
			this.#tellOutdated(socket);
			return;
		}
		if (message.type === 'welcome') {
			clearTimeout(this.#welcome);
			this.#welcome = undefined;
			this.#failures = 0;
			this.#welcomed = true;
			this.#hurdle = undefined;
			this.#events.state({ kind: 'open' });
		}
		this.#events.message(message);
	}

	/** What is understood goes on. A welcome that is not understood leads nowhere, however often one connects. */
	#tellOutdated(socket: WebSocket): void {
		if (!this.#outdated) this.#events.outdated();
		this.#outdated = true;
		if (this.#welcome === undefined) return;
		clearTimeout(this.#welcome);
		this.#socket = undefined;
		this.#wanted = false;
		socket.close();
		this.#events.state({ kind: 'outdated' });
	}

	#later(): void {
		const wait = backoff(++this.#failures);
		const until = Date.now() + wait;
		const tick = () => {
			const left = until - Date.now();
			if (left <= 0) {
				this.#timer = undefined;
				void this.#connect();
				return;
			}
			const hurdle = this.#blocked;
			this.#events.state({ kind: 'waiting', seconds: Math.ceil(left / 1000), never: !this.#welcomed, ...(hurdle && { hurdle }) });
			this.#timer = setTimeout(tick, Math.min(left, 1000));
		};
		tick();
	}
}

function parse(text: string): ServerMessage | undefined {
	try {
		return serverMessageSchema.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}
