/** One page's WebSocket: reads and answers its messages, owns its channels. */
import type { RawData, WebSocket } from 'ws';
import { type ErrorCode, errorText, PublicError } from '../../src/shared/errors.ts';
import { type ClientMessage, clientMessageSchema, decodeFrame, frameKind, type ServerMessage } from '../../src/shared/messages.ts';
import { HolderGone } from '../holder/holder.ts';
import type { Visitor } from '../http/deps.ts';
import { every } from '../sandboxes/clock.ts';
import { isDiskFull } from '../store/disk-full.ts';
import { Channel } from './channel.ts';
import type { LiveDeps } from './deps.ts';
import { Outbox } from './outbox.ts';
import { Rate } from './rate.ts';
import type { Beyond } from './window.ts';

const pingMs = 20_000;
/** Pings without an answer after which the peer counts as dead. */
const maxMisses = 2;
/** Four terminals, and room for one that is being replaced by its successor. */
const maxChannels = 8;
/** Messages; fast typing and dragging a window edge stay far below. */
const messageRate = { burst: 600, perSecond: 200 };
/** An acknowledgement follows each piece of output, which may be many a second. */
const ackCost = 0.05;
/** Bytes of input: a pasted file fits. */
const inputRate = { burst: 8 * 2 ** 20, perSecond: 2 ** 20 };
/** WebSocket close codes (RFC 6455 §7.4.1). */
const policyViolation = 1008;

export class Connection {
	readonly visitor: Visitor;
	readonly #socket: WebSocket;
	readonly #deps: LiveDeps;
	readonly #onClosed: (connection: Connection) => void;
	readonly #outbox: Outbox;
	readonly #channels = new Map<number, Channel>();
	readonly #beyond: Beyond = { bytes: 0 };
	readonly #messages: Rate;
	readonly #input: Rate;
	readonly #leave: () => void;
	readonly #stopPing: () => void;
	#misses = 0;
	/** The sandbox's report as it was last sent. */
	#said: string;
	#closed = false;

	constructor(
		deps: LiveDeps,
		{ socket, visitor, onClosed }: { socket: WebSocket; visitor: Visitor; onClosed: (connection: Connection) => void },
	) {
		this.#deps = deps;
		this.#socket = socket;
		this.visitor = visitor;
		this.#onClosed = onClosed;
		this.#outbox = new Outbox(
			socket,
			() => this.#drain(),
			(bytes) => deps.meter?.traffic('out', bytes),
		);
		this.#messages = new Rate(deps.clock, messageRate);
		this.#input = new Rate(deps.clock, inputRate);
		socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
		socket.on('pong', () => {
			this.#misses = 0;
		});
		// ws answers each, and the answers wait in memory for a peer that does not read them.
		socket.on('ping', () => this.#pinged());
		socket.on('close', () => this.#end());
		// Such as a frame above maxPayload: ws closes the socket itself, with the right code.
		socket.on('error', (error) => deps.log.info({ learner: visitor.learner.name, err: error }, 'a WebSocket failed'));
		this.#stopPing = every(deps.clock, pingMs, () => this.#ping());
		const { learner, course, lesson, language, from } = visitor;
		this.#leave = deps.sandboxes.enter(learner, course, from);
		const sandbox = deps.sandboxes.report(learner, course, language);
		this.#said = JSON.stringify(sandbox);
		this.send({ type: 'welcome', protocol: 1, sandbox, steps: deps.steps.reports(learner, course, lesson, language) });
	}

	/** Terminals that it shows. */
	get terminals(): number {
		return this.#channels.size;
	}

	send(message: ServerMessage): void {
		this.#outbox.message(message);
	}

	/** The sandbox may stand differently: if so, the page is told, and terminals that are not there any more are closed. */
	sandboxChanged(): void {
		const { learner, course, language } = this.visitor;
		const sandbox = this.#deps.sandboxes.report(learner, course, language);
		const said = JSON.stringify(sandbox);
		if (said === this.#said) return;
		this.#said = said;
		if (sandbox.state !== 'ready') this.#closeChannels();
		this.send({ type: 'sandbox', sandbox });
	}

	/** Ends the connection. */
	close(code: number, reason: string): void {
		this.#socket.close(code, reason);
		this.#end();
	}

	/** Ends it without waiting for the browser. */
	terminate(): void {
		this.#socket.terminate();
		this.#end();
	}

	#receive(data: RawData, isBinary: boolean): void {
		if (this.#closed) return;
		try {
			// ws gives one Buffer for each message with its default binaryType.
			const bytes = data as Buffer;
			this.#deps.meter?.traffic('in', bytes.length);
			if (isBinary) this.#frame(bytes);
			else this.#text(bytes.toString('utf8'));
		} catch (error) {
			this.#fail(error);
		}
	}

	#pinged(): void {
		if (this.#closed || this.#messages.take(1)) return;
		this.#fail(new PublicError('too-many', 'pings'));
	}

	#frame(bytes: Buffer): void {
		if (!this.#messages.take(1) || !this.#input.take(bytes.length)) throw new PublicError('too-many');
		const frame = decodeFrame(bytes);
		if (!frame || frame.kind !== frameKind.input || frame.bytes.length === 0) throw new PublicError('bad-message', 'binary frame');
		// Unknown channel: closed on this side a moment ago.
		this.#channels.get(frame.channel)?.input(frame.bytes);
	}

	#text(text: string): void {
		const message = parse(text);
		if (!this.#messages.take(message?.type === 'ack' ? ackCost : 1)) throw new PublicError('too-many');
		if (!message) throw new PublicError('bad-message', 'text frame');
		this.#handle(message);
	}

	#handle(message: ClientMessage): void {
		const { learner, course, lesson, from } = this.visitor;
		switch (message.type) {
			case 'start':
				return this.#deps.sandboxes.start(learner, course, from);
			case 'focus':
				return this.#deps.steps.focus(learner, course, lesson, message.step);
			case 'open':
				return this.#open(message);
			case 'close':
				this.#channels.get(message.channel)?.close();
				this.#channels.delete(message.channel);
				return;
			case 'end':
				return this.#channels.get(message.channel)?.end();
			case 'resize':
				return this.#channels.get(message.channel)?.resize({ cols: message.cols, rows: message.rows });
			case 'ack':
				return this.#channels.get(message.channel)?.ack(message.bytes);
		}
	}

	#open({ channel: number, terminal, cols, rows }: Extract<ClientMessage, { type: 'open' }>): void {
		// The same number again is the browser's way to ask for a new shell after `exited`.
		this.#channels.get(number)?.close();
		this.#channels.delete(number);
		if (this.#channels.size >= maxChannels) return this.#error('too-many', number);
		const size = { cols, rows };
		const channel = new Channel({
			number,
			size,
			outbox: this.#outbox,
			beyond: this.#beyond,
			now: () => this.#deps.clock.now(),
			onGone: (gone) => this.#forget(gone),
		});
		this.#channels.set(number, channel);
		const { learner, course, lesson, language } = this.visitor;
		this.#deps.sandboxes
			.terminal(learner, { course, lesson, number: terminal, size, language })
			.then(({ terminal: shell, fresh }) => channel.show(shell, fresh))
			.catch((error: unknown) => {
				this.#forget(channel);
				this.#note(error);
				const otherwise = error instanceof HolderGone ? 'sandbox-busy' : 'terminal-failed';
				this.#error(error instanceof PublicError ? error.code : otherwise, number);
			});
	}

	#forget(channel: Channel): void {
		channel.close();
		if (this.#channels.get(channel.number) === channel) this.#channels.delete(channel.number);
	}

	#closeChannels(): void {
		for (const channel of this.#channels.values()) channel.close();
		this.#channels.clear();
	}

	#drain(): void {
		for (const channel of this.#channels.values()) channel.drain();
	}

	/** What a message of the browser led to. Nothing that it can send ends more than its own connection. */
	#fail(error: unknown): void {
		if (error instanceof HolderGone) return; // The sandbox is going: `sandboxChanged` follows.
		this.#note(error);
		const code = error instanceof PublicError ? error.code : isDiskFull(error) ? 'server-full' : 'internal';
		this.#error(code, undefined);
		if (code === 'bad-message' || code === 'too-many') this.close(policyViolation, code);
	}

	#note(error: unknown): void {
		const level = error instanceof PublicError || error instanceof HolderGone ? 'info' : 'error';
		this.#deps.log[level]({ learner: this.visitor.learner.name, err: error }, 'a message could not be served');
	}

	#error(code: ErrorCode, channel: number | undefined): void {
		this.#deps.meter?.error(code);
		this.send({ type: 'error', code, message: errorText(code, this.visitor.language), ...(channel !== undefined && { channel }) });
	}

	#ping(): void {
		if (this.#misses >= maxMisses) return this.terminate();
		this.#misses++;
		if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
	}

	#end(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#stopPing();
		this.#closeChannels();
		this.#leave();
		this.#onClosed(this);
	}
}

function parse(text: string): ClientMessage | undefined {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined; // Not JSON: malformed like anything else that the schema refuses.
	}
	return clientMessageSchema.safeParse(value).data;
}
