/** Answers that are not bytes of a connection. */
import { constants, type ServerHttp2Stream } from 'node:http2';

/** Ends the stream with this status and JSON; nothing when it is over already. What the other side still sends is thrown away. */
export function answer(stream: ServerHttp2Stream, status: number, body?: unknown): void {
	if (stream.destroyed || stream.closed || stream.headersSent) return;
	const text = body === undefined ? '' : JSON.stringify(body);
	stream.respond({ ':status': status, ...(text ? { 'content-type': 'application/json' } : {}) });
	stream.resume();
	stream.end(text, () => stream.close(constants.NGHTTP2_NO_ERROR));
}

/** `sentence`: for the server's log. */
export function refuse(stream: ServerHttp2Stream, status: number, sentence: string): void {
	answer(stream, status, { error: sentence });
}
