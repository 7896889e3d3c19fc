/**
 * Connections that ask nothing: silent ones, half of a request, garbage, refused upgrades, and those between two requests. Each holds one of
 * the server's open files, and nobody needs an identity to open them; so they are bounded, in total and for each address. Beyond, the one that
 * has been waiting longest is closed: a browser that means something has asked long before that, and connects again by itself otherwise.
 */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { addressKey } from '../auth/address-key.ts';

export interface ConnectionLimits {
	/** Waiting connections of one address, and of all together. */
	perAddress: number;
	total: number;
	/** Until the head of a request has to be complete, from the connection's beginning or the end of the request before, ms. */
	headersMs: number;
	/** WebSockets of all learners together. */
	sockets: number;
	/** Requests and WebSockets of previews that are under way, of all learners together: each has two files, one to the browser and one into the sandbox. */
	previews: number;
}

/** When the system does not say how many files this process may have open. */
const filesOtherwise = 1024;
/** More than this is not needed, however many files there may be. */
const mostWaiting = 4096;
const headersMs = 10_000;
/** How long whoever has been refused gets to read why, ms. */
const farewellMs = 1000;

/** Half of the files for WebSockets, a quarter for connections that wait, an eighth for previews, the rest for what is being answered and for sandboxes. */
export function connectionLimits(files = openFiles()): ConnectionLimits {
	const total = Math.min(mostWaiting, Math.floor(files / 4));
	return { perAddress: Math.ceil(total / 2), total, headersMs, sockets: Math.floor(files / 2), previews: Math.floor(files / 16) };
}

function openFiles(): number {
	try {
		const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
		return soft === undefined ? filesOtherwise : Number(soft);
	} catch {
		return filesOtherwise; // Another system than Linux: for reading.
	}
}

export class WaitingConnections {
	readonly #limits: ConnectionLimits;
	/** With their addresses, the one that has been waiting longest first. */
	readonly #waiting = new Map<Duplex, string>();
	readonly #byAddress = new Map<string, number>();
	/** Everybody's address is the proxy's. */
	readonly #proxied: boolean;

	constructor(server: Server, { limits, proxied }: { limits: ConnectionLimits; proxied: boolean }) {
		this.#limits = limits;
		this.#proxied = proxied;
		server.on('connection', (socket) => {
			this.#wait(socket, socket.remoteAddress);
			socket.once('close', () => this.#done(socket));
		});
		server.on('request', ({ socket }, response) => {
			this.#done(socket);
			response.once('close', () => {
				if (!socket.destroyed) this.#wait(socket, socket.remoteAddress);
			});
		});
		server.on('upgrade', (_, socket) => this.#done(socket));
	}

	get count(): number {
		return this.#waiting.size;
	}

	/** Closes a connection that has been told why: soon, and whatever its other end does. */
	farewell(socket: Duplex): void {
		const timer = setTimeout(() => socket.destroy(), farewellMs);
		socket.once('close', () => clearTimeout(timer));
		// What still comes is not kept; without it the other end's close would not be seen.
		socket.resume();
		this.#wait(socket, 'remoteAddress' in socket ? String(socket.remoteAddress) : undefined);
	}

	#wait(socket: Duplex, ip: string | undefined): void {
		this.#done(socket);
		const address = this.#proxied ? '' : addressKey(ip ?? '');
		this.#waiting.set(socket, address);
		const own = (this.#byAddress.get(address) ?? 0) + 1;
		this.#byAddress.set(address, own);
		if (!this.#proxied && own > this.#limits.perAddress) this.#closeOldest(address);
		else if (this.#waiting.size > this.#limits.total) this.#closeOldest(this.#mostOf());
	}

	#done(socket: Duplex): void {
		const address = this.#waiting.get(socket);
		if (address === undefined) return;
		this.#waiting.delete(socket);
		const left = (this.#byAddress.get(address) ?? 1) - 1;
		if (left > 0) this.#byAddress.set(address, left);
		else this.#byAddress.delete(address);
	}

	/** The address that has most of them: others do not pay for it. */
	#mostOf(): string {
		let most: [string, number] = ['', 0];
		for (const one of this.#byAddress) if (one[1] > most[1]) most = one;
		return most[0];
	}

	#closeOldest(address: string): void {
		for (const [socket, from] of this.#waiting) {
			if (from !== address) continue;
			this.#done(socket);
			socket.destroy();
			return;
		}
	}
}
