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
	const handle = (accepted as Inside)._handle;
	// Only a socket that is made with its buffer can have one, and an accepted one is made by Node.
	(accepted as Inside)._handle = null;
	const options = {
		handle,
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
