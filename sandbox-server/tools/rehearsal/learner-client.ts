/**
 * A learner without a browser: identity, ticket, WebSocket, terminal, as src/browser does it. `prove` and the tests play lessons with it
 * against a running server.
 */
import { inflateRawSync } from 'node:zlib';
import WebSocket from 'ws';
import type { Lesson, Step } from '../../../src/shared/course/course.ts';
import type { Values } from '../../../src/shared/course/parameters.ts';
import type { Language } from '../../../src/shared/language.ts';
import { type SandboxReport, type StepReport, valuesSchema } from '../../../src/shared/protocol/api.ts';
import {
	type ClientMessage,
	decodeFrame,
	encodeFrame,
	frameKind,
	packedHeadBytes,
	type ServerMessage,
	serverMessageSchema,
	subprotocol,
} from '../../../src/shared/protocol/messages.ts';
import { patience } from '../testing/slowness.ts';
import { type ClientScreen, ClientTerminal } from './client-terminal.ts';

export interface Visit {
	/** Address of the server, such as "http://127.0.0.1:8080". */
	address: string;
	course: string;
	lesson: string;
	language: Language;
	/** Identity of an earlier visit, or access alone: cookies as `name=value; name=value`. */
	cookie?: string;
}

export class LearnerClient {
	readonly visit: Visit;
	cookie = '';
	/** Public name, "learner-7f3a9c". */
	name = '';
	sandbox: SandboxReport = { state: 'none' };
	readonly steps = new Map<string, StepReport>();
	/** Codes. */
	readonly notices: string[] = [];
	/** Their sentences. */
	readonly noticed: string[] = [];
	readonly errors: string[] = [];
	/** How the room stands that they are in, as `memberStateSchema` has it. */
	room: Record<string, unknown> | undefined;
	/** How their cluster stands, as `clusterViewSchema` has it. */
	cluster: Record<string, unknown> | undefined;
	/** False: like a page that is too slow, whose window fills up. */
	acknowledges = true;
	/** False: terminals count bytes and throw them away, which costs a flooded client least. */
	reads = true;
	/** Told of each message, once it has been taken. */
	heard: ((message: ServerMessage) => void) | undefined;
	/** What the last closed connection was closed with. */
	closed: { code: number; reason: string } | undefined;
	readonly #terminals = new Map<number, ClientTerminal>();
	readonly #waiting = new Set<() => void>();
	#socket: WebSocket | undefined;

	constructor(visit: Visit) {
		this.visit = visit;
		this.cookie = visit.cookie ?? '';
	}

	/**
	 * Identity and connection; resolves once the server has said welcome.
	 * @param ms on an ordinary machine, for that welcome
	 * @throws Error when it is refused, or does not come
	 */
	async connect(ms = 60_000): Promise<this> {
		const session = (await this.get('/api/session')) as { learner: string };
		this.name = session.learner;
		const { course, lesson, language, address } = this.visit;
		const { ticket } = (await this.post('/api/tickets', { course, lesson, language })) as { ticket: string };
		const url = new URL('/ws', address);
		url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
		const socket = new WebSocket(url, [subprotocol, `ticket.${ticket}`], {
			headers: { origin: address, cookie: this.cookie },
			perMessageDeflate: false,
		});
		this.#socket = socket;
		this.closed = undefined;
		const { promise: welcomed, resolve: welcome, reject: refuse } = Promise.withResolvers<void>();
		socket.once('error', refuse);
		socket.once('close', (code, reason) => refuse(new Error(`connection closed: ${code} ${reason}`)));
		socket.on('error', () => undefined); // Told by "close", which follows.
		socket.on('message', (data, binary) => {
			if (binary) this.#frame(data as Buffer);
			else {
				const message = serverMessageSchema.parse(JSON.parse(String(data)));
				this.#message(message, welcome);
				this.heard?.(message);
			}
			this.#changed();
		});
		socket.on('close', (code, reason) => {
			if (this.#socket !== socket) return;
			this.closed = { code, reason: String(reason) };
			this.#changed();
		});
		const bound = setTimeout(() => {
			refuse(new Error(`no welcome from ${url.host} after ${patience(ms)} ms`));
			socket.terminate();
		}, patience(ms));
		await welcomed.finally(() => clearTimeout(bound));
		return this;
	}

	get address(): string {
		return this.visit.address;
	}

	/** Asks for a sandbox and waits until it is there. @throws Error with the server's words when it cannot be had, or after `ms` */
	async start(ms = 120_000): Promise<void> {
		if (this.sandbox.state !== 'ready') this.send({ type: 'start' });
		let asked = false;
		await this.until(
			() => {
				if (this.sandbox.state === 'ready') return true;
				asked ||= this.sandbox.state === 'queued' || this.sandbox.state === 'starting';
				if (asked && this.sandbox.state === 'none') throw new Error(`no sandbox: ${this.sandbox.reason ?? this.errors.at(-1) ?? ''}`);
				return false;
			},
			`a sandbox for ${this.name}`,
			ms,
		);
	}

	/** Opens one of the lesson's terminals ("1" … "4", "c1" …); resolves when its replay is over. `screen` shows what comes. @throws Error when it is refused */
	async terminal(number = '1', size = { cols: 120, rows: 30 }, screen?: ClientScreen): Promise<ClientTerminal> {
		// As the page does it: after another server the sandbox is being found again when the connection is there.
		await this.until(() => this.sandbox.state !== 'starting', `the sandbox of ${this.name}`);
		const channel = this.#terminals.size + 1;
		const terminal = new ClientTerminal(this, channel, screen);
		this.#terminals.set(channel, terminal);
		this.send({ type: 'open', channel, terminal: number, ...size });
		await this.until(() => terminal.live || terminal.refused !== undefined, `terminal ${number}`);
		if (terminal.refused !== undefined) throw new Error(`terminal ${number} did not open: ${terminal.refused}`);
		return terminal;
	}

	/** The terminal that is shown to the learner's room, to look at; resolves when its replay is over. */
	async follow(): Promise<ClientTerminal> {
		const channel = this.#terminals.size + 1;
		const terminal = new ClientTerminal(this, channel);
		this.#terminals.set(channel, terminal);
		this.send({ type: 'follow', channel, packs: true });
		await this.until(() => terminal.live, 'the terminal that is shown');
		return terminal;
	}

	/** The step's check, now. */
	async check(step: string): Promise<StepReport> {
		return (await this.post(`${this.#lesson}/steps/${step}/check?language=${this.visit.language}`)) as StepReport;
	}

	/** Answers the quizzes that a step asks for, rightly. */
	async answer(lesson: Lesson, step: Step): Promise<void> {
		for (const { id } of step.quizzes ?? []) {
			const choices = lesson.quizzes?.find((quiz) => quiz.id === id)?.correct[this.visit.language] ?? [];
			await this.post(`${this.#lesson}/quizzes/${id}?language=${this.visit.language}`, { choices });
		}
	}

	/** What the lesson's parameters are for this learner. */
	async values(): Promise<Values> {
		return valuesSchema.parse(await this.get(`${this.#lesson}/values`)).values;
	}

	send(message: ClientMessage): void {
		this.#socket?.send(JSON.stringify(message));
	}

	sendBytes(channel: number, bytes: Uint8Array): void {
		this.#socket?.send(encodeFrame(frameKind.input, channel, bytes));
	}

	/** Sends whatever is given, as it is: for tests of what the server refuses. */
	sendRaw(data: string | Uint8Array): void {
		this.#socket?.send(data);
	}

	get(path: string): Promise<unknown> {
		return this.request('GET', path);
	}

	post(path: string, body?: object): Promise<unknown> {
		return this.request('POST', path, body);
	}

	/** @throws Error with the code and the message of a refusal */
	async request(method: string, path: string, body?: object): Promise<unknown> {
		const text = await this.text(method, path, body);
		return text ? JSON.parse(text) : undefined;
	}

	/** The answer as it came. @throws Error with the code and the message of a refusal */
	async text(method: string, path: string, body?: object): Promise<string> {
		const response = await fetch(new URL(path, this.visit.address), {
			method,
			headers: {
				'accept-language': this.visit.language,
				...(this.cookie && { cookie: this.cookie }),
				...(method !== 'GET' && { origin: this.visit.address }),
				...(body && { 'content-type': 'application/json' }),
			},
			...(body && { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(120_000),
		});
		this.#keepCookies(response.headers.getSetCookie());
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
		return text;
	}

	#keepCookies(set: readonly string[]): void {
		const cookies = new Map(this.cookie.split('; ').flatMap((pair) => (pair ? [[pair.split('=')[0] ?? '', pair] as const] : [])));
		for (const [pair = ''] of set.map((one) => one.split(';'))) cookies.set(pair.split('=')[0] ?? '', pair);
		this.cookie = [...cookies.values()].join('; ');
	}

	/** Ends the sandbox and leaves. */
	async goHome(): Promise<void> {
		await this.request('DELETE', `/api/sandboxes/${this.visit.course}`);
		await this.disconnect();
	}

	async disconnect(): Promise<void> {
		const socket = this.#socket;
		if (!socket || socket.readyState === WebSocket.CLOSED) return;
		const ended = new Promise((resolve) => socket.once('close', resolve));
		socket.close(1000);
		await ended;
	}

	/**
	 * Resolves when `condition` holds, looked at after each message.
	 * @param what is waited for; a function is asked when it did not come: how things stand then
	 * @param ms on an ordinary machine
	 * @throws Error naming `what`, after that or when the connection ends
	 */
	until(condition: () => boolean, what: string | (() => string), ms = 60_000): Promise<void> {
		const waited = () => `waiting for ${typeof what === 'string' ? what : what()}`;
		return new Promise((resolve, reject) => {
			const end = (error?: unknown) => {
				clearTimeout(timer);
				this.#waiting.delete(look);
				if (error) reject(error);
				else resolve();
			};
			const look = () => {
				try {
					if (condition()) end();
					else if (this.closed) end(new Error(`${waited()}: connection closed (${this.closed.code} ${this.closed.reason})`));
				} catch (error) {
					end(error);
				}
			};
			const timer = setTimeout(() => end(new Error(`${waited()}: not after ${patience(ms)} ms`)), patience(ms));
			this.#waiting.add(look);
			look();
		});
	}

	get #lesson(): string {
		return `/api/lessons/${this.visit.course}/${this.visit.lesson}`;
	}

	#changed(): void {
		for (const look of [...this.#waiting]) look();
	}

	#frame(data: Buffer): void {
		const frame = decodeFrame(data);
		const terminal = frame && this.#terminals.get(frame.channel);
		if (!frame || !terminal) return;
		const bytes = frame.kind === frameKind.packed ? inflateRawSync(frame.bytes.subarray(packedHeadBytes)) : frame.bytes;
		terminal.received(bytes, frame.kind === frameKind.preamble);
		if (frame.kind !== frameKind.preamble && this.acknowledges) this.send({ type: 'ack', channel: frame.channel, bytes: bytes.length });
	}

	#message(message: ServerMessage, welcome: () => void): void {
		switch (message.type) {
			case 'welcome':
				this.sandbox = message.sandbox;
				for (const report of message.steps) this.steps.set(report.step, report);
				welcome();
				break;
			case 'sandbox':
				this.sandbox = message.sandbox;
				break;
			case 'step':
				if (message.report.lesson === this.visit.lesson) this.steps.set(message.report.step, message.report);
				break;
			case 'notice':
				if (message.over) break;
				this.notices.push(message.code);
				this.noticed.push(message.message);
				break;
			case 'error':
				this.errors.push(message.code);
				if (message.channel !== undefined) this.#terminals.get(message.channel)?.refuse(message.message);
				break;
			case 'room':
				this.room = message.state ?? undefined;
				break;
			case 'cluster':
				this.cluster = message.state;
				break;
			case 'look':
				break;
			default:
				this.#terminals.get(message.channel)?.told(message);
		}
	}
}
