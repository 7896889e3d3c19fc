/**
 * Where servers come in: HTTP/2 over TLS 1.3, both sides with certificates of one authority. Pods have no certificate, and where
 * policies are enforced no network to come by.
 */
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Clock, every } from '../platform/clock.ts';
import { type Log, wordsOf } from './log.ts';
import { refuse } from './refuse.ts';
import type { Routes } from './routes.ts';

/** PEM texts. */
export interface Certificates {
	cert: Buffer;
	key: Buffer;
	/** The authority of servers. */
	ca: Buffer;
}

/** What a server may have on its way to a program that does not read, a stream, bytes. */
const streamWindow = 128 * 1024;
/** Of a whole session, bytes: one stream must not wait for another. */
const sessionWindow = 64 * 1024 * 1024;
/** Memory that Node allows a session, MB; beyond, it refuses streams. */
const sessionMemory = 512;
/** Streams of one server: some ten for each sandbox of the node. */
const mostStreams = 100_000;
/** Connections of those who have not shown a certificate yet: of one address, and of all. Servers come one by one, and show theirs at once. */
const mostStrangers = { ofOne: 16, ofAll: 128 };
/** Connections in all: there are a few servers. */
const mostConnections = 1024;
const handshakeMs = 5000;
/** A server is asked whether it is there, and is gone when it has not answered by the next time, ms. */
const askMs = 10_000;

/** Names in a certificate. */
export function namesOf(socket: TLSSocket): string[] {
	const { subjectaltname = '' } = socket.getPeerCertificate();
	return subjectaltname
		.split(/,\s*/)
		.filter((name) => name.startsWith('DNS:'))
		.map((name) => name.slice('DNS:'.length));
}

export interface FrontOptions {
	certificates: Certificates;
	/** Names of servers' certificates. */
	clients: readonly string[];
	routes: Routes;
	clock: Clock;
	log: Log;
}

export class Front {
	readonly #server: Http2SecureServer;
	/** What is below each, to be cut with it: with bytes on their way, a session alone waits for them for ever. */
	readonly #sessions = new Map<ServerHttp2Session, Socket | undefined>();
	/** Below TLS. */
	readonly #sockets = new Set<Socket>();
	/** Those of them who have not shown a certificate yet, the oldest first. */
	readonly #strangers = new Set<Socket>();
	/** The authority of servers, as it is now. */
	#ca: Buffer;
	readonly #stopAsking: () => void;

	constructor({ certificates, clients, routes, clock, log }: FrontOptions) {
		const server = createSecureServer({
			...certificates,
			requestCert: true,
			rejectUnauthorized: true,
			minVersion: 'TLSv1.3',
			allowHTTP1: false,
			handshakeTimeout: handshakeMs,
			maxSessionMemory: sessionMemory,
			settings: { initialWindowSize: streamWindow, maxConcurrentStreams: mostStreams, enablePush: false },
			// They are known, and park and cancel by the hundred when sandboxes come and go.
			streamResetBurst: mostStreams,
			streamResetRate: mostStreams,
		});
		this.#ca = certificates.ca;
		server.maxConnections = mostConnections;
		server.on('connection', (socket: Socket) => {
			this.#sockets.add(socket);
			this.#strangers.add(socket);
			socket.once('close', () => {
				this.#sockets.delete(socket);
				this.#strangers.delete(socket);
			});
			this.#boundStrangers(socket.remoteAddress);
		});
		server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
			// The kubelet knocks, and says nothing, to know that somebody is there.
			if (error.code !== 'ECONNRESET') log('info', 'somebody without a certificate of ours', { error: error.message });
		});
		// No more files to accept with, say: it goes on listening.
		server.on('error', (error) => log('warn', 'no connection can be accepted', { error: error.message }));
		server.on('sessionError', (error) => log('info', 'a connection of a server failed', { error: wordsOf(error) }));
		server.on('session', (session) => {
			const { remoteAddress, remotePort } = session.socket;
			const below = [...this.#sockets].find((socket) => socket.remotePort === remotePort && socket.remoteAddress === remoteAddress);
			this.#sessions.set(session, below);
			if (below) this.#strangers.delete(below);
			session.once('close', () => this.#sessions.delete(session));
			session.setLocalWindowSize(sessionWindow);
		});
		server.on('stream', (stream, headers) => {
			// Whoever is cut off has closed it: "close" follows.
			stream.on('error', () => {});
			const names = stream.session ? namesOf(stream.session.socket as TLSSocket) : [];
			if (names.some((name) => clients.includes(name))) routes.take(stream, headers);
			else refuse(stream, 403, `this certificate names ${names.join(', ') || 'nobody'}; servers have one for ${clients.join(' or ')}`);
		});
		this.#server = server;
		const unanswered = new WeakSet<ServerHttp2Session>();
		this.#stopAsking = every({
			clock,
			ms: askMs,
			action: () => {
				for (const [session, below] of this.#sessions) {
					if (session.destroyed || unanswered.has(session)) {
						this.#cut(session, below);
						continue;
					}
					unanswered.add(session);
					session.ping((error) => {
						if (!error) unanswered.delete(session);
					});
				}
			},
		});
	}

	/** Servers that are there. */
	get sessions(): number {
		return this.#sessions.size;
	}

	/** @param host undefined: all addresses that there are, of IPv6 where the node has it @returns the port @throws Error of the system */
	async listen(port: number, host?: string): Promise<number> {
		await new Promise<void>((resolve, reject) => {
			this.#server.once('error', reject);
			this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
				this.#server.off('error', reject);
				resolve();
			});
		});
		return (this.#server.address() as AddressInfo).port;
	}

	/**
	 * Others from the next connection on. With another authority the connections that there are end: who still has a place here comes back at once,
	 * and who has none any more does not stay. @throws when they do not belong together
	 */
	renew(certificates: Certificates): void {
		this.#server.setSecureContext({ ...certificates, minVersion: 'TLSv1.3' });
		if (certificates.ca.equals(this.#ca)) return;
		this.#ca = certificates.ca;
		for (const [session, below] of this.#sessions) this.#cut(session, below);
		for (const stranger of this.#strangers) stranger.destroy();
	}

	#cut(session: ServerHttp2Session, below: Socket | undefined): void {
		this.#sessions.delete(session);
		session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
		below?.destroy();
	}

	/** Strangers take each other's places, those of one address first, and never a server's. */
	#boundStrangers(address: string | undefined): void {
		const ofOne = [...this.#strangers].filter(({ remoteAddress }) => remoteAddress === address);
		if (ofOne.length > mostStrangers.ofOne) this.#turnAway(ofOne[0]);
		if (this.#strangers.size > mostStrangers.ofAll) this.#turnAway([...this.#strangers][0]);
	}

	#turnAway(stranger: Socket | undefined): void {
		if (!stranger) return;
		this.#strangers.delete(stranger);
		stranger.destroy();
	}

	/** Ends all sessions, whatever the other side does. */
	async close(): Promise<void> {
		this.#stopAsking();
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const session of this.#sessions.keys()) session.destroy();
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}
}
