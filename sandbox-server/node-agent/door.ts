/**
 * One socket of a sandbox. It listens while a server has a stream parked for it, or had one a moment ago: a program finds the socket there, or
 * nothing and asks again, as it would with a server on its own machine.
 *
 * Whoever connects may be the learner, as often as they like. What one sandbox can take is bounded here: connections in all, those that wait, and how
 * often they come. A door that is overrun is shut for a second: then it is the sandbox's own programs that spend their time on being refused.
 */
import { renameSync, rmSync } from 'node:fs';
import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { TokenBucket } from '../platform/token-bucket.ts';
import { carry } from './carry.ts';
import { refuse } from './refuse.ts';

/** Connections for which no stream is parked at the moment. */
const mostWaiting = 16;
/** Streams that wait for a connection. */
const mostParked = 16;
/**
 * Between the last parked stream and the next one, ms: a server that lives parks again within a round trip, one that is very busy within seconds; it is
 * held for gone after as long (node-link.ts).
 */
const graceMs = 15_000;
/** Connections at once, and a second in the long run. Pages of a learner's program open up to 32 at once, the registry's clients some ten. */
const arrivals = { burst: 200, perSecond: 50 };
/** How long a door is shut that was overrun, ms. */
const overrunMs = 1000;

export class Door {
	readonly #file: string;
	readonly #most: number;
	readonly #clock: Clock;
	readonly #onFault: (error: unknown) => void;
	readonly #arrivals: TokenBucket;
	/** Of the pod; undefined: it is not there yet. */
	#folder: string | undefined;
	#server: Server | undefined;
	/** It listens, under its name. */
	#isOpen = false;
	#parked: ServerHttp2Stream[] = [];
	#waiting: Socket[] = [];
	readonly #carried = new Map<Socket, ServerHttp2Stream>();
	/** While nobody is parked, and it still listens. */
	#cancelGrace: (() => void) | undefined;
	#cancelOverrun: (() => void) | undefined;
	#ended = false;

	/**
	 * @param file name of the socket in the pod's folder
	 * @param most connections at a time, those that nobody has taken yet included
	 */
	constructor({ file, most }: { file: string; most: number }, clock: Clock, onFault: (error: unknown) => void) {
		this.#file = file;
		this.#most = most;
		this.#clock = clock;
		this.#onFault = onFault;
		this.#arrivals = new TokenBucket({ ...arrivals, now: () => clock.now() });
	}

	/** Streams that are parked. */
	get parked(): number {
		return this.#parked.length;
	}

	/** Connections that are there. */
	get connections(): number {
		return this.#carried.size + this.#waiting.length;
	}

	/** The pod's folder is there: whoever has parked is served from now on. @param folder short enough for a socket's path */
	appear(folder: string): void {
		this.#folder = folder;
		this.#settle();
	}

	/** A server's stream waits here until somebody connects. Those of other sessions are answered 409: the door is this one's now. */
	park(stream: ServerHttp2Stream): void {
		for (const other of this.#parked.filter(({ session }) => session !== stream.session)) {
			refuse(other, 409, 'another server has asked for this sandbox since');
		}
		this.#parked = this.#parked.filter(({ session }) => session === stream.session);
		if (this.#parked.length >= mostParked) {
			refuse(stream, 429, `${mostParked} streams are parked at this door already`);
			return;
		}
		this.#parked.push(stream);
		stream.once('close', () => {
			this.#parked = this.#parked.filter((other) => other !== stream);
			this.#settle();
		});
		this.#settle();
		if (this.#isOpen) tellListening(stream);
	}

	/** Cuts connections of all other sessions. */
	claim(session: Http2Session | undefined): void {
		for (const [socket, stream] of this.#carried) if (stream.session !== session) cut(socket, stream);
	}

	/** Ends everything; parked streams are answered `status`. Idempotent. */
	end(status: number, sentence: string): void {
		this.#ended = true;
		for (const stream of this.#parked.splice(0)) refuse(stream, status, sentence);
		for (const [socket, stream] of this.#carried) cut(socket, stream);
		this.#cancelOverrun?.();
		this.#shut();
	}

	/** What there is brought together, and the socket as it has to be. */
	#settle(): void {
		if (this.#ended) return;
		while (this.#waiting.length > 0 && this.#parked.length > 0) this.#join();
		if (this.#parked.length === 0) {
			if (this.#server) this.#startGrace();
			return;
		}
		this.#stopGrace();
		this.#listen();
	}

	#join(): void {
		const socket = this.#waiting.shift();
		const stream = this.#parked.shift();
		if (!socket || !stream) return;
		this.#carried.set(socket, stream);
		socket.once('close', () => this.#carried.delete(socket));
		carry(socket, stream, this.#clock);
	}

	#startGrace(): void {
		this.#cancelGrace ??= this.#clock.after(graceMs, () => this.#shut());
	}

	#stopGrace(): void {
		this.#cancelGrace?.();
		this.#cancelGrace = undefined;
	}

	#listen(): void {
		if (this.#server || this.#folder === undefined || this.#cancelOverrun) return;
		// Half-open: a program that has said all it has to say may still wait for the answer.
		const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => this.#accept(socket, server));
		this.#server = server;
		const failed = (error: unknown) => {
			this.#onFault(error);
			// Not for ever: what is in the way may be gone soon.
			if (this.#server === server) this.#overrun();
		};
		server.on('error', failed);
		const path = join(this.#folder, this.#file);
		const draft = `${path}.new`;
		try {
			rmSync(draft, { force: true });
			server.listen({ path: draft, readableAll: true, writableAll: true }, () => {
				// Shut again in this very moment.
				if (this.#server !== server) return;
				// Under its name only when everybody may connect: an agent that is refused comes back 200 ms later.
				try {
					renameSync(draft, path);
				} catch (error) {
					return failed(error);
				}
				this.#isOpen = true;
				for (const stream of this.#parked) tellListening(stream);
			});
		} catch (error) {
			failed(error);
		}
	}

	#accept(socket: Socket, server: Server): void {
		socket.on('error', () => {}); // "close" follows
		if (server !== this.#server || this.connections >= this.#most || this.#waiting.length >= mostWaiting) {
			socket.destroy();
			if (server === this.#server && !this.#arrivals.take()) this.#overrun();
			return;
		}
		if (!this.#arrivals.take()) {
			socket.destroy();
			this.#overrun();
			return;
		}
		this.#waiting.push(socket);
		socket.once('close', () => {
			this.#waiting = this.#waiting.filter((other) => other !== socket);
		});
		this.#settle();
	}

	/** Shut for a while: those who come find nobody, at their own expense. Connections that there are go on. */
	#overrun(): void {
		this.#shut();
		this.#cancelOverrun ??= this.#clock.after(overrunMs, () => {
			this.#cancelOverrun = undefined;
			this.#settle();
		});
	}

	#shut(): void {
		this.#stopGrace();
		const server = this.#server;
		if (!server) return;
		this.#server = undefined;
		this.#isOpen = false;
		if (this.#folder !== undefined) rmSync(join(this.#folder, this.#file), { force: true });
		server.close();
		for (const socket of this.#waiting.splice(0)) socket.destroy();
	}
}

/** To whoever parked: its sandbox can connect now. */
function tellListening(stream: ServerHttp2Stream): void {
	if (!stream.closed && !stream.headersSent) stream.additionalHeaders({ ':status': 102 });
}

function cut(socket: Socket, stream: ServerHttp2Stream): void {
	socket.destroy();
	if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
}
