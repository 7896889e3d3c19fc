/** What goes out on one WebSocket, with bounds on what waits in memory for a browser that does not read. */
import type { WebSocket } from 'ws';
import { frameHeadBytes, type ServerMessage } from '../../src/shared/protocol/messages.ts';
import { type Backlog, everybody } from './backlog.ts';

/** While more than this waits, channels get no new credit, bytes. */
const highMark = 512 * 1024;
/**
 * More than this can wait only for a browser that opens and opens and never reads, bytes: it is cut off. What one that does nothing wrong
 * can have on the way, and stop reading, is 6 MiB: eight channels with 256 KiB each, and 4 MiB by which all of them may grow (window.ts).
 */
const hardLimit = 8 * 2 ** 20;
/** Of one frame, bytes of output. */
const largestFrame = 128 * 1024;

/**
 * Where frames are put together, one for all pages: a socket that has nothing waiting mostly takes its frame before it says so, and then
 * the same place does for the next. New memory for each of them would be collected all the time.
 */
let scratch = Buffer.allocUnsafeSlow(frameHeadBytes + largestFrame);
/** Whose frame is in it. */
let inScratch: Outbox | undefined;

export class Outbox {
	readonly #socket: WebSocket;
	readonly #onDrain: () => void;
	readonly #count: (bytes: number) => void;
	readonly #backlog: Backlog;
	#waiting = false;
	/** What came of one channel in this turn of the event loop; its bytes lie in the scratch. */
	readonly #pieces = { kind: 0, channel: 0, bytes: 0 };

	/** `onDrain`: there is room again after `full` was true. `count`: told of what is sent. */
	constructor(socket: WebSocket, onDrain: () => void, count: (bytes: number) => void = () => undefined, backlog = everybody) {
		this.#backlog = backlog;
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
		this.#sendPieces();
		this.#send(JSON.stringify(message));
	}

	/**
	 * A shell prints by pieces of 4 KiB and less, many of which come with one read from its sandbox: they go out as one frame, when what was
	 * read has been worked off. The bytes are copied at once.
	 */
	frame(kind: number, channel: number, bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; at += largestFrame) this.#add(kind, channel, bytes.subarray(at, at + largestFrame));
	}

	/** One frame by itself, no larger than the largest; the bytes are copied at once. */
	whole(kind: number, channel: number, bytes: Uint8Array): void {
		this.#sendPieces();
		this.#add(kind, channel, bytes);
		this.#sendPieces();
	}

	#add(kind: number, channel: number, bytes: Uint8Array): void {
		const pieces = this.#pieces;
		if (inScratch && inScratch !== this) inScratch.#sendPieces();
		if (pieces.bytes > 0 && (pieces.kind !== kind || pieces.channel !== channel || pieces.bytes + bytes.length > largestFrame))
			this.#sendPieces();
		if (pieces.bytes === 0) {
			Object.assign(pieces, { kind, channel });
			inScratch = this;
			process.nextTick(() => this.#sendPieces());
		}
		scratch.set(bytes, frameHeadBytes + pieces.bytes);
		pieces.bytes += bytes.length;
	}

	#sendPieces(): void {
		const { kind, channel, bytes } = this.#pieces;
		if (bytes === 0) return;
		this.#pieces.bytes = 0;
		inScratch = undefined;
		scratch.writeUInt8(kind, 0);
		scratch.writeUInt32LE(channel, 1);
		const frame = scratch.subarray(0, frameHeadBytes + bytes);
		if (this.#socket.bufferedAmount > 0) return this.#send(Buffer.from(frame));
		this.#send(frame);
		// The socket has not taken all of it: it keeps the memory for the rest.
		if (this.#socket.bufferedAmount > 0) scratch = Buffer.allocUnsafeSlow(frameHeadBytes + largestFrame);
	}

	#send(data: string | Uint8Array): void {
		this.#backlog.look(this.#socket);
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
