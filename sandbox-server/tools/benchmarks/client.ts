/** A page without a browser, made light: it must cost less than what it measures. One terminal; times by `now`. */
import WebSocket from 'ws';
import type { SandboxReport, StepReport } from '../../../src/shared/protocol/api.ts';
import {
	type ClientMessage,
	decodeFrame,
	encodeFrame,
	frameKind,
	type ServerMessage,
	subprotocol,
	windowBytes,
} from '../../../src/shared/protocol/messages.ts';
import { patience } from '../testing/slowness.ts';
import { benchCourse, benchLesson } from './course.ts';
import { PromptCounter } from './finder.ts';

/** As src/browser does it: an eighth of the window. */
const ackBytes = windowBytes / 8;

/** ms on a clock that all processes of this machine share. */
export function now(): number {
	return Number(process.hrtime.bigint()) / 1e6;
}

export class BenchmarkClient {
	readonly address: string;
	cookie: string;
	/** "learner-7f3a9c" */
	name = '';
	sandbox: SandboxReport = { state: 'none' };
	/** Bytes of output. */
	bytes = 0;
	prompts = 0;
	live = false;
	/** When the first byte of output came. */
	firstByte = 0;
	errors: string[] = [];
	/** False: never acknowledges. */
	acknowledges = true;
	onOutput: ((bytes: Uint8Array) => void) | undefined;
	onStep: ((report: StepReport) => void) | undefined;
	readonly #counter = new PromptCounter();
	#unacknowledged = 0;
	#socket: WebSocket | undefined;
	#closed: string | undefined;
	readonly #looks = new Set<() => void>();

	constructor(address: string, cookie = '') {
		this.address = address;
		this.cookie = cookie;
	}

	/** Identity, ticket, connection. @throws Error with the server's refusal */
	async connect(): Promise<this> {
		this.name = ((await this.request('GET', '/api/session')) as { learner: string }).learner;
		const body = { course: benchCourse, lesson: benchLesson, language: 'en' };
		const { ticket } = (await this.request('POST', '/api/tickets', body)) as { ticket: string };
		const socket = new WebSocket(`${this.address.replace('http', 'ws')}/ws`, [subprotocol, `ticket.${ticket}`], {
			headers: { origin: this.address, cookie: this.cookie },
			perMessageDeflate: false,
		});
		this.#socket = socket;
		this.#closed = undefined;
		this.live = false;
		let welcomed = false;
		socket.on('error', (error) => this.#end(error.message));
		socket.on('close', (code, reason) => {
			if (this.#socket === socket) this.#end(`${code} ${reason}`);
		});
		socket.on('message', (data, binary) => {
			if (binary) this.#frame(data as Buffer);
			else {
				const message = JSON.parse(String(data)) as ServerMessage;
				welcomed ||= message.type === 'welcome';
				this.#message(message);
			}
			this.#look();
		});
		await this.until(() => welcomed, 'the server’s welcome');
		return this;
	}

	/** @throws Error with the status and the words of a refusal; too many visitors: waits as long as it is told */
	async request(method: string, path: string, body?: object): Promise<unknown> {
		for (;;) {
			const response = await fetch(new URL(path, this.address), {
				method,
				headers: {
					...(this.cookie && { cookie: this.cookie }),
					...(method !== 'GET' && { origin: this.address }),
					...(body && { 'content-type': 'application/json' }),
				},
				...(body && { body: JSON.stringify(body) }),
				signal: AbortSignal.timeout(120_000),
			});
			const set = response.headers.getSetCookie()[0];
			if (set) this.cookie = set.split(';')[0] ?? '';
			const said = await response.text();
			if (response.status === 429) {
				await new Promise((resolve) => setTimeout(resolve, (Number(response.headers.get('retry-after')) || 5) * 1000));
				continue;
			}
			if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${said.slice(0, 200)}`);
			return said ? JSON.parse(said) : undefined;
		}
	}

	send(message: ClientMessage): void {
		this.#socket?.send(JSON.stringify(message));
	}

	type(text: string | Uint8Array): void {
		this.#socket?.send(encodeFrame(frameKind.input, 1, typeof text === 'string' ? Buffer.from(text) : text));
	}

	/** Asks for a sandbox; resolves when it is there. */
	async start(ms = 180_000): Promise<void> {
		this.send({ type: 'start' });
		await this.ready(ms);
	}

	async ready(ms = 180_000): Promise<void> {
		let asked = false;
		await this.until(
			() => {
				const { state, reason } = this.sandbox;
				asked ||= state === 'queued' || state === 'starting';
				if (asked && (state === 'none' || state === 'lost')) throw new Error(`no sandbox: ${reason ?? this.errors.at(-1) ?? ''}`);
				return state === 'ready';
			},
			'a sandbox',
			ms,
		);
	}

	/** Shows the terminal; resolves at its prompt. */
	async open(ms = 60_000): Promise<void> {
		this.send({ type: 'open', channel: 1, terminal: '1', cols: 120, rows: 30 });
		await this.until(() => this.live && this.prompts > 0, 'a prompt', ms);
	}

	/** Types a command; resolves at the prompt after it. */
	async run(command: string, ms = 120_000): Promise<void> {
		const before = this.prompts;
		this.type(`${command}\r`);
		await this.until(() => this.prompts > before, `the prompt after "${command.slice(0, 60)}"`, ms);
	}

	/** Reads nothing from the network any more, or again. */
	pause(paused: boolean): void {
		if (paused) this.#socket?.pause();
		else this.#socket?.resume();
	}

	/** Resolves when `condition` holds, looked at after each message. @throws Error naming `what` */
	until(condition: () => boolean, what: string, ms = 60_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const end = (error?: unknown) => {
				clearTimeout(timer);
				this.#looks.delete(look);
				if (error) reject(error);
				else resolve();
			};
			const look = () => {
				try {
					if (condition()) end();
					else if (this.#closed !== undefined) end(new Error(`waiting for ${what}: connection closed (${this.#closed})`));
				} catch (error) {
					end(error);
				}
			};
			const timer = setTimeout(
				() => end(new Error(`waiting for ${what}: not after ${patience(ms)} ms (${this.sandbox.state})`)),
				patience(ms),
			);
			this.#looks.add(look);
			look();
		});
	}

	/** Goes without a word: the connection just ends. */
	drop(): void {
		this.#socket?.terminate();
	}

	/** Puts the sandbox away and leaves. */
	async goHome(): Promise<void> {
		await this.request('DELETE', `/api/sandboxes/${benchCourse}`);
		this.drop();
	}

	#end(why: string): void {
		this.#closed ??= why;
		this.#look();
	}

	#look(): void {
		if (this.#looks.size > 0) for (const look of [...this.#looks]) look();
	}

	#frame(data: Buffer): void {
		const frame = decodeFrame(data);
		if (!frame) return;
		if (this.bytes === 0) this.firstByte = now();
		const { bytes } = frame;
		const isPacked = frame.kind === frameKind.packed;
		// What a page does to read it is the page's; here only the server is measured.
		const size = isPacked ? Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE() : bytes.length;
		this.bytes += size;
		this.prompts += this.#counter.push(bytes);
		this.onOutput?.(bytes);
		if ((frame.kind !== frameKind.output && !isPacked) || !this.acknowledges) return;
		this.#unacknowledged += size;
		if (this.#unacknowledged < ackBytes) return;
		this.send({ type: 'ack', channel: frame.channel, bytes: this.#unacknowledged });
		this.#unacknowledged = 0;
	}

	#message(message: ServerMessage): void {
		if (message.type === 'welcome' || message.type === 'sandbox') this.sandbox = message.sandbox;
		else if (message.type === 'live') this.live = true;
		else if (message.type === 'step') this.onStep?.(message.report);
		else if (message.type === 'error') this.errors.push(message.code);
	}
}
