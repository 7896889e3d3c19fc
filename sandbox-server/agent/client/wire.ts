/** What terminals, streams and scripts of one agent share: the way out, and whether there still is one. */
import type { Socket } from 'node:net';
import { AgentGone } from '../agent.ts';
import { encode } from '../codec.ts';

/** Bytes that may wait for an agent that does not read; more, and it is not one. */
const maxBacklog = 32 << 20;
/** An answer that takes this much longer than it may is not coming, ms. */
const patienceMs = 30_000;
/** Input goes out in pieces of so many bytes. */
export const pieceBytes = 256 << 10;
export const errno = { EEXIST: 17, E2BIG: 7, EFBIG: 27 };

export class Wire {
	/** Of the protocol that the agent speaks; known once it has greeted. */
	version: 1 | 2 = 2;
	readonly #socket: Socket;
	readonly #onFault: (error: unknown) => void;
	#ended = false;
	/** Takers of output that are not ready for more. */
	#holdBack = 0;

	constructor(socket: Socket, onFault: (error: unknown) => void) {
		this.#socket = socket;
		this.#onFault = onFault;
	}

	get gone(): boolean {
		return this.#ended || this.#socket.destroyed;
	}

	/** Nothing is sent any more. @returns false when that was so already */
	end(): boolean {
		const first = !this.#ended;
		this.#ended = true;
		return first;
	}

	/** @throws AgentGone */
	assertHere(): void {
		if (this.gone) throw new AgentGone('the sandbox’s agent is gone');
	}

	send(type: number, ...parts: Uint8Array[]): void {
		if (this.gone) return;
		this.#socket.write(encode(type, ...parts));
		if (this.#socket.writableLength > maxBacklog) this.#socket.destroy();
	}

	/** Ends the connection when an answer does not come. */
	patience(ms: number): NodeJS.Timeout {
		return setTimeout(() => this.#socket.destroy(), Math.min(ms + patienceMs, 2 ** 31 - 1)).unref();
	}

	/** Runs foreign code: what it throws stays its own. */
	tell(call: () => void): void {
		try {
			call();
		} catch (error) {
			this.#onFault(error);
		}
	}

	/** More may be read from the agent. */
	get reads(): boolean {
		return this.#holdBack === 0;
	}

	/** Nothing more is read until the function returned is called. */
	hold(): () => void {
		this.#holdBack++;
		this.#socket.pause();
		return () => {
			if (--this.#holdBack === 0) this.#socket.resume();
		};
	}

	/** Resolves when there is room for more. Also when the connection ends: what waits then has been told so. */
	drained(): Promise<void> {
		if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return Promise.resolve();
		return new Promise((resolve) => {
			const done = () => {
				this.#socket.off('drain', done);
				this.#socket.off('close', done);
				resolve();
			};
			this.#socket.on('drain', done);
			this.#socket.on('close', done);
		});
	}
}

/** @returns "NAME=value" of each, as the agent wants an environment */
export function variables(env: Record<string, string>): string[] {
	return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
