/** What waits for all browsers together: identities cost nothing, so that a limit for each connection is none for the server's memory. */
import type { WebSocket } from 'ws';

/** Of all browsers, bytes. */
const totalLimit = 256 * 2 ** 20;
/** Less than this is not worth a look, bytes: 16,000 such browsers would be needed. */
const small = 16 * 1024;
/** How often all of them are looked at, in messages that have to wait. */
const lookEvery = 64;

export class Backlog {
	readonly #limit: number;
	readonly #sockets = new Set<WebSocket>();
	#until = 0;

	constructor(limit = totalLimit) {
		this.#limit = limit;
	}

	/** Something is to be sent on this one. Cuts off whoever has most waiting when it is too much for all together. */
	look(socket: WebSocket): void {
		if (socket.bufferedAmount <= small) return;
		this.#sockets.add(socket);
		if (--this.#until > 0) return;
		let total = 0;
		let most = socket;
		for (const one of this.#sockets) {
			if (one.bufferedAmount <= small || one.readyState !== one.OPEN) this.#sockets.delete(one);
			else total += one.bufferedAmount;
			if (one.bufferedAmount > most.bufferedAmount) most = one;
		}
		this.#until = total > this.#limit / 2 ? 1 : lookEvery;
		if (total <= this.#limit) return;
		this.#sockets.delete(most);
		most.terminate();
	}
}

export const everybody = new Backlog();
