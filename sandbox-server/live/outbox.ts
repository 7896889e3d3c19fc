/** What goes out on one WebSocket, with bounds on what waits in memory for a browser that does not read. */
import type { WebSocket } from 'ws';
import { frameHeadBytes, type ServerMessage } from '../../src/shared/messages.ts';

/** While more than this waits, channels get no new credit, bytes. */
const highMark = 512 * 1024;
/** More than this can wait only for a browser that opens and opens and never reads, bytes: it is cut off. */
const hardLimit = 8 * 2 ** 20;

/** Larger pieces are sent on their own, bytes of output. */
const largestFrame = 128 * 1024;

export class Outbox {
	readonly #socket: WebSocket;
	readonly #onDrain: () => void;
	readonly #count: (bytes: number) => void;
	#waiting = false;
	/** Pieces of one channel's output that came in this turn of the event loop. */
	#pieces: Uint8Array[] = [];
	#piecesAre = { kind: 0, channel: 0, bytes: 0 };

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
		this.#sendPieces();
		this.#send(JSON.stringify(message));
	}

	/**
	 * A shell prints by pieces of 4 KiB and less, many of which come with one read from its sandbox: they go out as one frame, when what was
	 * read has been worked off. The bytes must not change until then.
	 */
	frame(kind: number, channel: number, bytes: Uint8Array): void {
		const are = this.#piecesAre;
		if (this.#pieces.length > 0 && (are.kind !== kind || are.channel !== channel || are.bytes + bytes.length > largestFrame))
			this.#sendPieces();
		if (this.#pieces.length === 0) {
			this.#piecesAre = { kind, channel, bytes: 0 };
			process.nextTick(() => this.#sendPieces());
		}
		this.#pieces.push(bytes);
		this.#piecesAre.bytes += bytes.length;
	}

	#sendPieces(): void {
		if (this.#pieces.length === 0) return;
		const pieces = this.#pieces;
		const { kind, channel, bytes } = this.#piecesAre;
		this.#pieces = [];
		const frame = Buffer.allocUnsafeSlow(frameHeadBytes + bytes);
		frame.writeUInt8(kind, 0);
		frame.writeUInt32LE(channel, 1);
		let at = frameHeadBytes;
		for (const piece of pieces) {
			frame.set(piece, at);
			at += piece.length;
		}
		this.#send(frame);
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
