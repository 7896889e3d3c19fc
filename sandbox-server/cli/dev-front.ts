/** One address for two servers while a course is written: /api and /ws go to the sandbox server, everything else to Astro's. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { joinSockets } from '../platform/join-sockets.ts';
import { explainListenError } from '../setup/preflight.ts';

export interface DevFrontRequest {
	/** Address of the sandbox server. */
	api: string;
	/** Address of Astro's server at this moment. */
	pages: () => string;
}

export class DevFront {
	readonly #request: DevFrontRequest;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	constructor(given: DevFrontRequest) {
		this.#request = given;
		this.#server = createServer((incoming, response) => this.#pass(incoming, response));
		this.#server.on('upgrade', (incoming, socket: Socket, head) => this.#upgrade(incoming, socket, head));
		this.#server.on('connection', (socket) => {
			this.#sockets.add(socket);
			socket.once('close', () => this.#sockets.delete(socket));
		});
	}

	/** @returns the address to open @throws Failure when the port is taken */
	async listen({ host, port }: { host: string; port: number }): Promise<string> {
		try {
			this.#server.listen(port, host);
			await once(this.#server, 'listening');
		} catch (error) {
			throw explainListenError(error, host, port);
		}
		const address = this.#server.address();
		const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
		return `http://${shown}:${typeof address === 'object' && address ? address.port : port}`;
	}

	/** Idempotent. */
	async close(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = once(this.#server, 'close');
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	#target(url = '/'): URL {
		return new URL(/^\/(api|ws|healthz)(?=[/?]|$)/.test(url) ? this.#request.api : this.#request.pages());
	}

	/** With the headers as they came: both servers look at Host, one at Origin. */
	#pass(incoming: IncomingMessage, response: ServerResponse): void {
		const { hostname, port } = this.#target(incoming.url);
		const { url, method, headers } = incoming;
		const onward = request({ hostname, port, path: url, method, headers }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		onward.on('error', () => {
			// Astro's server is just being started anew: the page is asked for again in a second.
			if (response.headersSent) response.destroy();
			else response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1', refresh: '1' }).end('One moment …\n');
		});
		response.on('close', () => onward.destroy());
		incoming.pipe(onward);
	}

	#upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
		const { hostname, port } = this.#target(incoming.url);
		const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
		for (let at = 0; at < incoming.rawHeaders.length; at += 2) lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
		const onward = connect(Number(port), hostname);
		onward.write(`${lines.join('\r\n')}\r\n\r\n`);
		onward.write(head);
		joinSockets(socket, onward);
	}
}
