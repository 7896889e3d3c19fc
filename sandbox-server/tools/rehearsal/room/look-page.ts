/** The page of somebody who looks at a terminal, with leave: what it was shown, and when it was told that it may be. */
import WebSocket from 'ws';
import type { ServerMessage } from '../../../../src/shared/protocol/messages.ts';
import { decodeFrame, encodeFrame, frameKind, serverMessageSchema, subprotocol } from '../../../../src/shared/protocol/messages.ts';
import type { LookPhase } from '../../../../src/shared/protocol/room-member.ts';
import { patience } from '../../testing/slowness.ts';
import type { LearnerClient } from '../learner-client.ts';
import type { Ledger } from './ledger.ts';

const channel = 1;
/** Asked for before there is leave. */
const earlyChannel = 2;
const terminal = '1';

interface Asking {
	room: string;
	ledger: Ledger;
	whose: { learner: string; lesson: string; all?: boolean };
}

export class LookPage {
	phase: LookPhase = 'asked';
	/** What the terminal showed, with its escape sequences. */
	output = '';
	/** Codes. */
	readonly errors: string[] = [];
	closed = false;
	readonly #socket: WebSocket;
	readonly #waiting = new Set<() => void>();
	#watching = false;

	/**
	 * Asks to look.
	 * @param whose what is asked for, as the route has it
	 * @returns the page that waits for the answer, and tries to see something before it
	 * @throws Error when the question is refused
	 */
	static async ask(client: LearnerClient, { room, ledger, whose }: Asking): Promise<{ look: string; page: LookPage }> {
		const { look, ticket } = (await client.post(`/api/rooms/${room}/looks`, { ...whose, terminal })) as { look: string; ticket: string };
		ledger.count.asked++;
		if (!ledger.looks.has(look)) ledger.looks.set(look, { learner: whose.learner, leave: false, secret: 0 });
		const onBytes = () => {
			const entry = ledger.looks.get(look);
			if (entry && !entry.leave) entry.secret++;
		};
		return { look, page: new LookPage(client, ticket, onBytes) };
	}

	/** @param ticket of the question to look; @param onBytes called as the terminal's output comes in */
	private constructor({ visit, cookie }: LearnerClient, ticket: string, onBytes: () => void) {
		const url = new URL('/ws', visit.address);
		url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
		const socket = new WebSocket(url, [subprotocol, `ticket.${ticket}`], {
			headers: { origin: visit.address, cookie },
			perMessageDeflate: false,
		});
		this.#socket = socket;
		// Who does not wait for the answer is shown nothing.
		socket.once('open', () => this.#send({ type: 'watch', channel: earlyChannel, terminal }));
		socket.on('error', () => undefined); // Told by "close", which follows.
		socket.on('close', () => {
			this.closed = true;
			this.#changed();
		});
		socket.on('message', (data, binary) => {
			if (binary) {
				onBytes();
				this.#frame(data as Buffer);
			} else this.#message(serverMessageSchema.parse(JSON.parse(String(data))));
			this.#changed();
		});
	}

	type(text: string): void {
		if (this.#socket.readyState === WebSocket.OPEN)
			this.#socket.send(encodeFrame(frameKind.input, channel, new TextEncoder().encode(text)));
	}

	async end(): Promise<void> {
		this.#socket.close(1000);
		await this.until(() => this.closed, 'the end of a look');
	}

	/** @throws Error naming `what` after `ms` on an ordinary machine */
	until(condition: () => boolean, what: string, ms = 60_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const end = (error?: Error): void => {
				clearTimeout(timer);
				this.#waiting.delete(look);
				if (error) reject(error);
				else resolve();
			};
			const look = (): void => {
				if (condition()) end();
				else if (this.closed) end(new Error(`waiting for ${what}: the page that looks was closed`));
			};
			const timer = setTimeout(() => end(new Error(`waiting for ${what}: not after ${patience(ms)} ms`)), patience(ms));
			this.#waiting.add(look);
			look();
		});
	}

	#changed(): void {
		for (const look of [...this.#waiting]) look();
	}

	#frame(data: Buffer): void {
		const frame = decodeFrame(data);
		if (!frame) return;
		if (frame.channel === channel) this.output += Buffer.from(frame.bytes).toString();
		if (frame.kind === frameKind.output) this.#send({ type: 'ack', channel: frame.channel, bytes: frame.bytes.length });
	}

	#message(message: ServerMessage): void {
		if (message.type === 'error') this.errors.push(message.code);
		if (message.type !== 'look') return;
		this.phase = message.phase;
		if (this.#watching || message.phase === 'asked' || message.phase === 'ended') return;
		this.#watching = true;
		this.#send({ type: 'watch', channel, terminal });
	}

	#send(message: object): void {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
	}
}
