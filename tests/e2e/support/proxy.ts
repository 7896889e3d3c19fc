/** What stands between a browser and a server in many a network: it keeps a log, and has the faults that a test wants. */
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyFaults {
	/** What becomes of WebSockets: answered by 403, or accepted and cut. Left out: they go through. */
	sockets?: 'refused' | 'cut';
	/** Answers lose their cookies. */
	noCookies?: boolean;
	/** The server is asked by this name instead of the one that the browser asked for. */
	host?: string;
}

export class Proxy {
	readonly #server: Server;
	readonly #target: URL;
	readonly #upgraded = new Set<Socket>();
	faults: ProxyFaults;
	/** Method and address of each request, as access logs have them. */
	readonly log: string[] = [];

	private constructor(target: string, faults: ProxyFaults) {
		this.#target = new URL(target);
		this.faults = faults;
		this.#server = createServer((asked, answer) => {
			this.#note(asked);
			const options = { port: this.#target.port, method: asked.method, path: asked.url, headers: this.#headers(asked) };
			const onward = request(options, (got) => {
				const headers = { ...got.headers };
				if (this.faults.noCookies) delete headers['set-cookie'];
				answer.writeHead(got.statusCode ?? 502, headers);
				got.pipe(answer);
			});
			onward.on('error', () => answer.destroy());
			asked.pipe(onward);
		});
		this.#server.on('upgrade', (asked: IncomingMessage, socket: Socket) => this.#upgrade(asked, socket));
	}

	static async before(target: string, faults: ProxyFaults = {}): Promise<Proxy> {
		const proxy = new Proxy(target, faults);
		await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
		return proxy;
	}

	get address(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#upgraded) socket.destroy();
		this.#server.closeAllConnections();
		await closed;
	}

	#note({ method, url }: IncomingMessage): void {
		this.log.push(`${method} ${url}`);
	}

	#headers({ headers }: IncomingMessage): IncomingMessage['headers'] {
		return { ...headers, ...(this.faults.host && { host: this.faults.host }) };
	}

	#upgrade(asked: IncomingMessage, socket: Socket): void {
		this.#note(asked);
		this.#upgraded.add(socket);
		socket.on('error', () => undefined).on('close', () => this.#upgraded.delete(socket));
		if (this.faults.sockets === 'refused')
			return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
		const onward = connect(Number(this.#target.port), this.#target.hostname, () => {
			const lines = Object.entries(this.#headers(asked)).map(([name, value]) => `${name}: ${value}`);
			onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
			if (this.faults.sockets === 'cut') onward.once('data', () => socket.destroy());
			else onward.pipe(socket);
			socket.pipe(onward);
		});
		onward.on('error', () => undefined).on('close', () => socket.destroySoon());
		socket.on('close', () => onward.destroySoon());
	}
}
