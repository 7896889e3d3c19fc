/**
 * A learner without a browser: identity, ticket, WebSocket, terminal, as src/browser does it. `prove` and the tests play lessons with it
 * against a running server.
 */
import WebSocket from 'ws';
import { type SandboxReport, type StepReport, valuesSchema } from '../../src/shared/api.ts';
import type { Lesson, Step } from '../../src/shared/course.ts';
import type { Language } from '../../src/shared/language.ts';
import {
	type ClientMessage,
	decodeFrame,
	encodeFrame,
	frameKind,
	type ServerMessage,
	serverMessageSchema,
	subprotocol,
} from '../../src/shared/messages.ts';
import type { Values } from '../../src/shared/parameters.ts';

/** Characters of a terminal's output that are kept to look at. */
const outputKept = 400_000;

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
	/** False: like a page that is too slow, whose window fills up. */
	acknowledges = true;
	/** What the last closed connection was closed with. */
	closed: { code: number; reason: string } | undefined;
	readonly #terminals = new Map<number, ClientTerminal>();
	readonly #waiting = new Set<() => void>();
	#socket: WebSocket | undefined;

	constructor(visit: Visit) {
		this.visit = visit;
		this.cookie = visit.cookie ?? '';
	}

	/** Identity and connection; resolves once the server has said welcome. @throws Error when it is refused */
	async connect(): Promise<this> {
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
		let welcome = () => {};
		const welcomed = new Promise<void>((resolve, reject) => {
			welcome = resolve;
			socket.once('error', reject);
			socket.once('close', (code, reason) => reject(new Error(`connection closed: ${code} ${reason}`)));
		});
		socket.on('error', () => undefined); // Told by "close", which follows.
		socket.on('message', (data, binary) => {
			if (binary) this.#frame(data as Buffer);
			else this.#message(serverMessageSchema.parse(JSON.parse(String(data))), welcome);
			this.#changed();
		});
		socket.on('close', (code, reason) => {
			if (this.#socket !== socket) return;
			this.closed = { code, reason: String(reason) };
			this.#changed();
		});
		await welcomed;
		return this;
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

	/** Opens one of the lesson's terminals; resolves when its replay is over. `screen` shows what comes. */
	async terminal(number: '1' | '2' | '3' | '4' = '1', size = { cols: 120, rows: 30 }, screen?: ClientScreen): Promise<ClientTerminal> {
		const channel = this.#terminals.size + 1;
		const terminal = new ClientTerminal(this, channel, screen);
		this.#terminals.set(channel, terminal);
		this.send({ type: 'open', channel, terminal: number, ...size });
		await this.until(() => terminal.live, `terminal ${number}`);
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
		return text ? JSON.parse(text) : undefined;
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

	/** Resolves when `condition` holds, looked at after each message. @throws Error naming `what`, after `ms` or when the connection ends */
	until(condition: () => boolean, what: string, ms = 60_000): Promise<void> {
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
					else if (this.closed) end(new Error(`waiting for ${what}: connection closed (${this.closed.code} ${this.closed.reason})`));
				} catch (error) {
					end(error);
				}
			};
			const timer = setTimeout(() => end(new Error(`waiting for ${what}: not after ${ms} ms`)), ms);
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
		terminal.received(frame.bytes, frame.kind === frameKind.preamble);
		if (frame.kind === frameKind.output && this.acknowledges) this.send({ type: 'ack', channel: frame.channel, bytes: frame.bytes.length });
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
				break;
			default:
				this.#terminals.get(message.channel)?.told(message);
		}
	}
}

type ChannelMessage = Extract<ServerMessage, { channel: number }>;

/** Draws what a terminal gets; a terminal without a browser needs none. */
export interface ClientScreen {
	output(bytes: Uint8Array): void;
	preamble(bytes: Uint8Array): void;
	resized(cols: number, rows: number): void;
	live(): void;
	/** Output was lost: the screen is to be cleared. */
	gap(): void;
}

/** One terminal of a LearnerClient, as text with its escape sequences. */
export class ClientTerminal {
	readonly channel: number;
	live = false;
	ended: { code?: number | undefined; signal?: number | undefined } | undefined;
	size = { cols: 0, rows: 0 };
	/** Bytes received in all. */
	bytes = 0;
	/** Times that the shell has come to its prompt. */
	prompts = 0;
	/** A command runs. */
	busy = false;
	/** Newest output. */
	output = '';
	readonly #client: LearnerClient;
	readonly #decoder = new TextDecoder();
	#commandEnded = false;
	#unread = '';
	readonly #screen: ClientScreen | undefined;

	constructor(client: LearnerClient, channel: number, screen?: ClientScreen) {
		this.#client = client;
		this.channel = channel;
		this.#screen = screen;
	}

	received(bytes: Uint8Array, isPreamble = false): void {
		if (isPreamble) this.#screen?.preamble(bytes);
		else this.#screen?.output(bytes);
		this.bytes += bytes.length;
		const text = this.#decoder.decode(bytes, { stream: true });
		this.output += text;
		this.#countPrompts(text);
		if (this.output.length > outputKept) this.output = this.output.slice(-outputKept / 2);
	}

	/** A prompt counts once after each command: the shell draws it again when the window changes its size. */
	#countPrompts(text: string): void {
		const all = this.#unread + text;
		let read = 0;
		for (const mark of all.matchAll(promptMarks)) {
			this.busy = mark[1] === 'C' || (this.busy && mark[1] === 'B');
			if (mark[1] === 'D') this.#commandEnded = true;
			else if (mark[1] === 'B' && this.#commandEnded) {
				this.#commandEnded = false;
				this.prompts++;
			}
			read = mark.index + mark[0].length;
		}
		// A mark may be cut by the border between two frames.
		this.#unread = all.slice(Math.max(read, all.length - longestMark));
	}

	told(message: ChannelMessage): void {
		if (message.type === 'live') {
			this.live = true;
			this.#screen?.live();
		} else if (message.type === 'exited') this.ended = { code: message.code, signal: message.signal };
		else if (message.type === 'opened' || message.type === 'resized') {
			this.size = { cols: message.cols, rows: message.rows };
			this.#screen?.resized(message.cols, message.rows);
		} else if (message.type === 'reset') {
			this.live = false;
			this.output = '';
			this.#screen?.gap();
		}
	}

	type(text: string): void {
		this.#client.sendBytes(this.channel, new TextEncoder().encode(text));
	}

	/** Types a command at the prompt, as the run button does, and waits for the prompt after it. @returns what was printed */
	async run(command: string, ms = 120_000): Promise<string> {
		await this.#client.until(() => this.prompts > 0, 'the first prompt', ms);
		const before = this.prompts;
		const from = this.output.length;
		this.type(typed(command));
		await this.#client.until(() => this.prompts > before || this.ended !== undefined, `the end of "${command.slice(0, 80)}"`, ms);
		return this.output.slice(from);
	}

	/** Types a command that stays in the foreground; resolves once the shell has started it. */
	async start(command: string, ms = 120_000): Promise<void> {
		await this.#client.until(() => this.prompts > 0, 'the first prompt', ms);
		this.type(typed(command));
		await this.#client.until(() => this.busy || this.ended !== undefined, `the start of "${command.slice(0, 80)}"`, ms);
	}

	async untilOutput(text: string | RegExp, ms = 60_000): Promise<void> {
		await this.#client.until(
			() => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output)),
			`"${text}" in the terminal`,
			ms,
		);
	}
}

/** A command as the run button types it; one over several lines as if it were pasted. */
const typed = (command: string) => (command.includes('\n') ? `\x1b[200~${command}\x1b[201~\r` : `${command}\r`);

/** Written by guest/bashrc: C when a command starts, D when it has ended (and before the first prompt), B where typing begins. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: marks are made of them.
const promptMarks = /\x1b\]133;([BCD])(?:;\d{1,3})?\x07/g;
const longestMark = '\x1b]133;D;255\x07'.length - 1;
