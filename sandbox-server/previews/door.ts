/** The door of previews: every request and WebSocket that is addressed to such a name comes here, and never to the platform's own interface. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Language } from '../../src/shared/language.ts';
import { Refusal, refusals } from '../../src/shared/protocol/refusals.ts';
import type { Log } from '../platform/log.ts';
import { NoLine } from '../sandboxes/lines.ts';
import { keyCookie, keyIn } from './headers.ts';
import { labelOf } from './names.ts';
import { passRequest, passWebSocket } from './pass.ts';
import { doorPath, type Preview, type Previews } from './previews.ts';
import { type SentencePage, sentencePage } from './sentence-page.ts';

export interface PreviewDoorOptions {
	previews: Previews;
	/** Requests and WebSockets of all sandboxes that are under way at a time. */
	most: number;
	/** That a browser likes best. */
	languageOf: (request: IncomingMessage) => Language;
	log: Log;
}

/** Why there is no connection → what is said. */
const ofNoLine = { refused: 'preview-nothing', busy: 'preview-busy', none: 'preview-unreached', closed: 'preview-over' } as const;

export class PreviewDoor {
	readonly #options: PreviewDoorOptions;
	readonly #sockets = new Set<Socket>();
	#underWay = 0;
	#closed = false;

	constructor(options: PreviewDoorOptions) {
		this.#options = options;
	}

	/** Is a preview addressed? */
	takes({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
		return labelOf(headers.host) !== undefined;
	}

	/** Answers a request. Never rejects. */
	async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		response.on('error', () => undefined); // "close" follows
		const preview = this.#options.previews.find(request.headers.host);
		try {
			if (preview && request.url?.startsWith(`${doorPath}open?`)) return this.#enter(request, response, preview);
			const admitted = this.#admit(request, preview);
			await this.#counted(async () => {
				const line = await admitted.lines.connect(admitted.port);
				if (request.url === `${doorPath}ready`) {
					line.destroy();
					response.writeHead(204, { 'cache-control': 'no-store' }).end();
				} else if (response.destroyed) line.destroy();
				else await passRequest(request, response, admitted, line);
			});
		} catch (error) {
			if (response.headersSent || response.destroyed) return void response.destroy();
			const { status, headers, body } = this.#page(error, request, preview);
			// What of the request has not come yet is nobody's.
			response.writeHead(status, { ...headers, connection: 'close' }).end(request.method === 'HEAD' ? undefined : body);
		}
	}

	/** Answers an upgrade. Never rejects. */
	async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
		socket.on('error', () => undefined); // "close" follows
		this.#sockets.add(socket);
		socket.once('close', () => this.#sockets.delete(socket));
		const preview = this.#options.previews.find(request.headers.host);
		try {
			const admitted = this.#admit(request, preview);
			if (request.headers.upgrade?.toLowerCase() !== 'websocket') throw new Refusal('bad-request', `upgrade to ${request.headers.upgrade}`);
			// A page of another host has no cookie of this one; a program that was stolen one still has its own Origin.
			if (request.headers.origin !== undefined && request.headers.origin !== admitted.origin)
				throw new Refusal('preview-foreign', 'origin');
			await this.#counted(async () => {
				const line = await admitted.lines.connect(admitted.port);
				if (socket.destroyed) line.destroy();
				else await passWebSocket(request, { socket, head, preview: admitted, line });
			});
		} catch (error) {
			if (!socket.writable) return void socket.destroy();
			const { status, headers, body } = this.#page(error, request, preview);
			const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
			// The answer first, then the end, whatever its reader does.
			socket.end(`HTTP/1.1 ${status} \r\nconnection: close\r\n${lines.join('')}\r\n${body}`);
			socket.resume();
			setTimeout(() => socket.destroy(), 1000).unref();
		}
	}

	/** Ends the WebSockets. Idempotent. */
	close(): void {
		this.#closed = true;
		for (const socket of this.#sockets) socket.destroy();
	}

	/** The first address: the cookie is set, and the address without the word takes its place. @throws Refusal preview-foreign */
	#enter(request: IncomingMessage, response: ServerResponse, preview: Preview): void {
		const ticket = new URLSearchParams(request.url?.slice(`${doorPath}open?`.length)).get('ticket') ?? '';
		const entry = request.method === 'GET' ? this.#options.previews.redeem(preview, ticket) : undefined;
		if (!entry) throw new Refusal('preview-foreign', 'ticket');
		const headers = {
			location: entry.path,
			'set-cookie': keyCookie(preview, entry.key),
			'cache-control': 'no-store',
			'referrer-policy': 'no-referrer',
		};
		response.writeHead(303, headers).end();
	}

	/** @throws Refusal preview-over, preview-foreign, too-many, bad-request */
	#admit(request: IncomingMessage, preview: Preview | undefined): Preview {
		if (!preview || this.#closed) throw new Refusal('preview-over');
		if (!this.#options.previews.admits(preview, keyIn(preview, request.headers.cookie))) throw new Refusal('preview-foreign');
		if (!request.url?.startsWith('/')) throw new Refusal('bad-request', 'no path');
		if (!preview.requests.take()) throw new Refusal('too-many', 'requests of one preview');
		return preview;
	}

	/** @throws Refusal preview-busy, and what the work throws */
	async #counted(work: () => Promise<void>): Promise<void> {
		if (this.#underWay >= this.#options.most) throw new Refusal('preview-busy', 'of all sandboxes');
		this.#underWay++;
		try {
			await work();
		} finally {
			this.#underWay--;
		}
	}

	#page(error: unknown, request: IncomingMessage, preview: Preview | undefined): SentencePage {
		const code = error instanceof NoLine ? ofNoLine[error.why] : error instanceof Refusal ? error.code : 'internal';
		if (refusals[code].status === 500) this.#options.log.error({ err: error }, 'previews: unexpected');
		const language = preview?.language ?? this.#options.languageOf(request);
		return sentencePage(code, language, { ...(preview && { port: preview.port }), waits: code === 'preview-nothing' });
	}
}
