/** A connection of a sandbox and a server's stream as one. */
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '../platform/clock.ts';

/** What a server said last may still wait for a program that reads slowly; one that does not read at all is not waited for, ms. */
const lastWordsMs = 10_000;

/**
 * Answers the stream with 200; from then on what either says the other is told, and an end is an end. Whoever is slower than the other holds it
 * back: what is kept here is at most what the two buffers and the stream's window hold.
 * @param socket paused until now; its errors are of no interest: "close" follows them
 */
export function carry(socket: Socket, stream: ServerHttp2Stream, clock: Clock): void {
	stream.respond({ ':status': 200, 'content-type': 'application/octet-stream' });
	socket.pipe(stream).pipe(socket);
	socket.once('close', (failed) => {
		if (stream.closed) return;
		if (failed) stream.close(constants.NGHTTP2_CANCEL);
		else stream.end();
		// The program is gone, so there is nobody to whom the server could still say anything.
		stream.resume();
	});
	stream.once('close', () => {
		if (socket.destroyed) return;
		if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
			socket.destroy();
			return;
		}
		socket.destroySoon();
		socket.once(
			'close',
			clock.after(lastWordsMs, () => socket.destroy()),
		);
	});
}
