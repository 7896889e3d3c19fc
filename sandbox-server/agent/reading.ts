/**
 * Reads a sandbox's socket into one buffer for all of them. By itself Node takes a new buffer of 64 KiB for each read, however little comes:
 * in a flood the collection of that garbage was half of the server's work.
 */
import { Socket } from 'node:net';

/**
 * What is read of one socket before the others have their turn: whoever types is not to wait for everything that another one's flood has
 * brought.
 */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Where Node keeps what a socket stands on. */
type Inside = Socket & { _handle: object | null };

/**
 * Goes on with a socket that was accepted with `pauseOnConnect`.
 * @param take is given what has come; the bytes are others as soon as it returns
 * @param mayRead asked before the next turn: while it says no, whoever paused the socket resumes it
 * @returns the socket to use from now on
 */
export function readBy(accepted: Socket, take: (bytes: Buffer) => void, mayRead: () => boolean): Socket {
	const options = {
		handle: handleOf(accepted),
		onread: {
			buffer,
			callback: (length: number, bytes: Uint8Array) => {
				take(bytes.subarray(0, length) as Buffer);
				if (length < buffer.length) return true;
				setImmediate(() => {
					if (mayRead() && !socket.destroyed) socket.resume();
				});
				return false;
			},
		},
	};
	const socket = new Socket(options as object);
	// Its server counts the one that it has made.
	socket.once('close', () => accepted.destroy());
	socket.resume();
	return socket;
}

/** Only a socket that is made with its buffer can have one, and an accepted one is made by Node. */
function handleOf(accepted: Socket): object | null {
	const handle = (accepted as Inside)._handle;
	(accepted as Inside)._handle = null;
	return handle;
}

/** Memory of sockets that have ended, for the next ones. */
const spare: Buffer[] = [];
const mostSpare = 16;

/**
 * A stream like any other, of a socket that was accepted with `pauseOnConnect`; it is paused. What it reads is copied, until somebody takes what is
 * lent: then it reads into memory of its own, again and again, once nothing of what was there is needed any more.
 */
export class LendingSocket extends Socket {
	readonly #lent: { memory?: Buffer | undefined };
	#returned = () => true;

	constructor(accepted: Socket) {
		const lent: { memory?: Buffer | undefined } = {};
		const onread = { buffer: () => lent.memory ?? buffer, callback: (length: number, bytes: Buffer) => this.#take(bytes, length) };
		super({ handle: handleOf(accepted), onread, manualStart: true } as object);
		this.#lent = lent;
		this.once('close', () => {
			accepted.destroy();
			if (lent.memory && spare.length < mostSpare && this.#returned()) spare.push(lent.memory);
			lent.memory = undefined;
		});
	}

	/**
	 * From now on what comes is lent to those who hear "data".
	 * @param returned whether nothing of it is in use any more; whoever makes that true calls `goOn`
	 */
	lend(returned: () => boolean): void {
		this.#lent.memory ??= spare.pop() ?? Buffer.allocUnsafeSlow(buffer.length);
		this.#returned = returned;
	}

	/** Something that was lent is not in use any more. */
	goOn(): void {
		if (this.destroyed) return;
		this.resume();
		// Where the end came meanwhile, nothing more is heard by which it would be told.
		this.read(0);
	}

	/** Whoever wishes to go on before all is returned goes on then. */
	override resume(): this {
		return this.#returned() ? super.resume() : this;
	}

	override read(size?: number): unknown {
		return this.#returned() ? super.read(size) : null;
	}

	/** @returns false: nothing more is read for the moment */
	#take(bytes: Buffer, length: number): boolean {
		const read = bytes.subarray(0, length);
		// In its place behind what still waits to be heard.
		if (bytes !== this.#lent.memory || this.readableLength > 0 || !this.readableFlowing) return this.push(Buffer.from(read));
		this.emit('data', read);
		return this.#returned();
	}
}
