/** One request, or one WebSocket, passed on to a program in a sandbox, whose every answer may be meant to hurt. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, Transform } from 'node:stream';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { pace } from '../agent/pace.ts';
import type { LendingSocket } from '../agent/reading.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import type { Preview } from './previews.ts';

/** Of a program's answer, bytes; a browser takes hardly more. */
const mostHeaders = 32 * 1024;
/** Until a program has begun to answer, ms. Afterwards it may take as long as it likes. */
const answerMs = 120_000;
/** So long a browser may take for what is still on its way to it when the program has ended, ms. */
const lingerMs = 10_000;

/** What goes to a browser costs twice what an agent's output does, as with terminals: it is read here and written again. All floods share one pace. */
function spend(piece: Buffer, give: () => void): void {
	pace.spend(2 * piece.length, give);
}

function paced(): Transform {
	return new Transform({ transform: (piece: Buffer, _encoding, done) => spend(piece, () => done(null, piece)) });
}

/** What became of a request → the sentence. */
function asRefusal(error: NodeJS.ErrnoException): Refusal {
	if (error.code === 'HPE_HEADER_OVERFLOW') return new Refusal('preview-headers', error.message, { cause: error });
	return new Refusal('preview-garbled', error.message, { cause: error });
}

interface Answer {
	response: IncomingMessage;
	/** The connection, when the program has agreed to speak otherwise on it. */
	upgraded?: Socket;
}

/** Asks the program. @param line paused @throws Refusal preview-garbled, preview-headers, preview-silent */
function ask(request: IncomingMessage, { preview, line, upgrade }: { preview: Preview; line: Socket; upgrade: boolean }): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const method = request.method ?? 'GET';
		const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
		const sends = !upgrade && (encoding !== undefined || (length !== undefined && length !== '0'));
		const hasBody = sends || (!upgrade && ['POST', 'PUT', 'PATCH'].includes(method));
		const asked = httpRequest({
			createConnection: () => line,
			method,
			path: request.url ?? '/',
			headers: requestHeaders(request.rawHeaders, { preview, hasBody, upgrade }),
			maxHeaderSize: mostHeaders,
		});
		const silent = setTimeout(() => asked.destroy(new Refusal('preview-silent')), answerMs);
		asked.once('socket', (socket) => socket.resume());
		asked.once('close', () => {
			clearTimeout(silent);
			// Of some nonsense, such as a change of protocol that nobody asked for, Node says no more than this.
			reject(new Refusal('preview-garbled', 'closed'));
		});
		asked.on('error', (error) => reject(error instanceof Refusal ? error : asRefusal(error)));
		asked.once('response', (response) => {
			clearTimeout(silent);
			resolve({ response });
		});
		if (upgrade)
			asked.once('upgrade', (response, socket, head) => {
				clearTimeout(silent);
				if (head.length > 0) socket.unshift(head);
				resolve({ response, upgraded: socket as Socket });
			});
		// Nobody waits for it any more.
		request.once('close', () => {
			if (!request.complete) asked.destroy();
		});
		if (sends) pipeline(request, asked, () => undefined);
		else asked.end();
	});
}

/** Answers with what the program answers. @throws Refusal while nothing has gone out */
export async function passRequest(
	request: IncomingMessage,
	response: ServerResponse,
	preview: Preview,
	line: LendingSocket,
): Promise<void> {
	response.once('close', () => line.destroy());
	const { response: answer } = await ask(request, { preview, line, upgrade: false });
	try {
		response.writeHead(answer.statusCode ?? 502, responseHeaders(answer.rawHeaders, { preview }));
	} catch (error) {
		line.destroy();
		throw asRefusal(error as Error);
	}
	response.flushHeaders();
	await pour(answer, line, response);
	line.destroy();
}

/**
 * The program's answer, as it comes, to the browser. Memory is lent by the line, and returned when the kernel has what was in it: for new memory for each
 * piece the collection of garbage would take longer than all the rest.
 */
function pour(answer: IncomingMessage, line: LendingSocket, response: ServerResponse): Promise<void> {
	let underWay = 0;
	const whole = () => {
		if (answer.readableEnded && underWay === 0) response.end();
	};
	const written = () => {
		underWay--;
		line.goOn();
		whole();
	};
	line.lend(() => underWay === 0 && answer.readableLength === 0);
	return new Promise((resolve) => {
		response.once('close', resolve);
		if (response.destroyed) return resolve();
		answer.on('error', () => undefined); // "close" follows
		answer.once('close', () => answer.complete || response.destroy());
		answer.once('end', whole);
		answer.on('data', (piece: Buffer) => {
			underWay++;
			spend(piece, () => response.write(piece, written));
		});
	});
}

interface Handshake {
	socket: Socket;
	head: Buffer;
	preview: Preview;
	line: Socket;
}

/** The same for a WebSocket, which then is two connections as one. @throws Refusal while nothing has gone out */
export async function passWebSocket(request: IncomingMessage, { socket, head, preview, line }: Handshake): Promise<void> {
	socket.once('close', () => line.destroy());
	const { response, upgraded } = await ask(request, { preview, line, upgrade: true });
	const status = upgraded ? '101 Switching Protocols' : `${response.statusCode ?? 502} `;
	const connection = upgraded ? ['Connection', 'Upgrade', 'Upgrade', 'websocket'] : ['Connection', 'close'];
	const headers = [...responseHeaders(response.rawHeaders, { preview }), ...connection];
	const lines = Array.from({ length: headers.length / 2 }, (_, at) => `${headers[2 * at]}: ${headers[2 * at + 1]}\r\n`);
	socket.write(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`, 'latin1');
	if (!upgraded) {
		// What else the browser sends is of no interest, but its end is.
		socket.resume();
		await new Promise<void>((resolve) => pipeline(response, paced(), socket, () => resolve()));
		return endSoon(socket);
	}
	if (head.length > 0) socket.unshift(head);
	upgraded.pipe(paced()).pipe(socket);
	socket.pipe(upgraded);
	await new Promise((resolve) => upgraded.once('close', resolve));
	endSoon(socket);
}

/** What is still on its way to the browser goes first, unless that does not read. */
function endSoon(socket: Socket): void {
	const late = setTimeout(() => socket.destroy(), lingerMs);
	socket.once('close', () => clearTimeout(late));
	socket.destroySoon();
}
