/** What goes out on one WebSocket, with bounds on what waits in memory for a browser that does not read. */
import type { WebSocket } from 'ws';
import { encodeFrame, type ServerMessage } from '../../src/shared/messages.ts';

/** While more than this waits, channels get no new credit, bytes. */
const highMark = 512 * 1024;
/** More than this can wait only for a browser that opens and opens and never reads, bytes: it is cut off. */
const hardLimit = 8 * 2 ** 20;

export class Outbox {
	readonly #socket: WebSocket;
	readonly #onDrain: () => void;
	readonly #count: (bytes: number) => void;
	#waiting = false;

	/** `onDrain`: there is room again after `full` was true. `count`: told of what is sent. */
	constructor(socket: WebSocket, onDrain: () => void, count: (bytes: number) => void = () => undefined) {
		this.#socket = socket;
		this.#count = count;
		this.#onDrain = onDrain;
	}

	/** Asked before giving credit; once true, `onDrain` follows. */
	get full(): boolean {
		const full = this.#socket.bufferedAmount > highMark;
		this.#waiting ||= full;
		return full;
	}

	message(message: ServerMessage): void {
		this.#send(JSON.stringify(message));
	}

	frame(kind: number, channel: number, bytes: Uint8Array): void {
		this.#send(encodeFrame(kind, channel, bytes));
	}

	#send(data: string | Uint8Array): void {
		if (this.#socket.readyState !== this.#socket.OPEN) return;
		if (this.#socket.bufferedAmount > hardLimit) return this.#socket.terminate();
		this.#count(data.length);
		this.#socket.send(data, () => this.#sent());
	}

	// Errors of a single send are the socket's own, which ends with 'close': the connection looks after that.
	#sent(): void {
		if (!this.#waiting || this.#socket.bufferedAmount > highMark) return;
		this.#waiting = false;
		this.#onDrain();
	}
}
