/**
 * What a lesson page makes of its server's words: a server that says what the test has it say, in the order that the test wants. For
 * orders that a real one brings about only now and then; everything else is tried with the whole real server.
 */
import type { Page, WebSocketRoute } from '@playwright/test';
import type { SandboxReport, StepReport } from '../../../src/shared/protocol/api.ts';
import { type ClientMessage, encodeFrame, frameKind, type ServerMessage } from '../../../src/shared/protocol/messages.ts';
import { builtSite, StaticSite } from './static-site.ts';

/** A shell's marks around its prompt. */
const prompt = '\x1b]133;A;clears\x07$ \x1b]133;B\x07';

export class ScriptedServer {
	readonly #site: StaticSite;
	#socket: WebSocketRoute | undefined;
	/** Answers to requests, by method and path; a function may wait before it answers. */
	readonly answers = new Map<string, () => unknown>();
	/** What the page has sent over the WebSocket. */
	readonly heard: ClientMessage[] = [];
	sandbox: SandboxReport = { state: 'ready' };
	steps: StepReport[] = [];

	private constructor(site: StaticSite) {
		this.#site = site;
	}

	/** @param folder of built pages */
	static async start(page: Page, folder = builtSite()): Promise<ScriptedServer> {
		const server = new ScriptedServer(await new StaticSite(folder).listen());
		await page.route('**/api/**', async (route) => {
			const { pathname } = new URL(route.request().url());
			const answer = server.answers.get(`${route.request().method()} ${pathname}`) ?? server.#usual(pathname);
			await route.fulfill({ json: await answer() }).catch(() => undefined);
		});
		await page.routeWebSocket('**/ws', (socket) => {
			server.#socket = socket;
			socket.onMessage((data) => server.#take(data));
			server.say({ type: 'welcome', protocol: 1, sandbox: server.sandbox, steps: server.steps });
		});
		return server;
	}

	get address(): string {
		return this.#site.address;
	}

	/** To the page's connection, which has to be there: wait for what the welcome shows. */
	say(message: ServerMessage): void {
		if (!this.#socket) throw new Error(`no page is connected to be told ${message.type}`);
		this.#socket.send(JSON.stringify(message));
	}

	/** A step of the first lesson. */
	step(step: string, state: StepReport['state'], message?: string): void {
		this.say({ type: 'step', report: { lesson: 'first-container', step, state, ...(message && { message }) } });
	}

	#usual(path: string): () => unknown {
		if (path === '/api/session') return () => ({ learner: 'learner-000001', live: true, version: 'test' });
		if (path === '/api/tickets') return () => ({ ticket: 'test', seconds: 30 });
		if (path.endsWith('/values')) return () => ({ values: {} });
		return () => ({ steps: this.steps });
	}

	#take(data: string | Buffer): void {
		if (typeof data !== 'string') return;
		const message = JSON.parse(data) as ClientMessage;
		this.heard.push(message);
		if (message.type !== 'open') return;
		const { channel, cols, rows } = message;
		this.say({ type: 'opened', channel, cols, rows, fresh: true });
		this.say({ type: 'live', channel });
		this.#socket?.send(Buffer.from(encodeFrame(frameKind.output, channel, new TextEncoder().encode(prompt))));
	}

	/** Close the page before. */
	async close(): Promise<void> {
		await this.#site.close();
	}
}
