/** The bare WebSocket server as a child process, and clients of it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import WebSocket from 'ws';

export class PlainServer {
	readonly #child: ChildProcess;
	readonly #port: number;
	readonly #sockets: WebSocket[] = [];

	private constructor(child: ChildProcess, port: number) {
		this.#child = child;
		this.#port = port;
	}

	static async start(): Promise<PlainServer> {
		const child = fork(join(import.meta.dirname, 'plain-ws.ts'), [], {
			execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			env: { ...process.env, NODE_TEST_CONTEXT: undefined },
		});
		const [{ port }] = (await once(child, 'message')) as [{ port: number }];
		return new PlainServer(child, port);
	}

	get address(): string {
		return `ws://127.0.0.1:${this.#port}`;
	}

	async connect(): Promise<WebSocket> {
		const socket = new WebSocket(this.address, { perMessageDeflate: false });
		this.#sockets.push(socket);
		await once(socket, 'open');
		return socket;
	}

	/** Bytes, after the garbage has been collected. */
	async rss(): Promise<number> {
		this.#child.send('memory');
		return ((await once(this.#child, 'message')) as [{ rss: number }])[0].rss;
	}

	async stop(): Promise<void> {
		for (const socket of this.#sockets) socket.terminate();
		const exit = once(this.#child, 'exit');
		this.#child.disconnect();
		await exit;
	}
}
