/** The WebSocket of a page that looks at somebody's terminal, with their leave: it ends with the look, and the look with it. */
import type { RawData, WebSocket } from 'ws';
import { type ClientMessage, decodeFrame, frameKind } from '../../src/shared/protocol/messages.ts';
import { Refusal, type RefusalCode, refusalText } from '../../src/shared/protocol/refusals.ts';
import { actionOf, authorise, ownOf } from '../auth/authorise.ts';
import { bareLab } from '../labs/lab.ts';
import { every } from '../platform/clock.ts';
import { TokenBucket } from '../platform/token-bucket.ts';
import type { Look, Looker } from '../rooms/looks.ts';
import { Channels } from './channels.ts';
import { messageCost, messageRate, readMessage } from './client-messages.ts';
import type { LiveDeps } from './live-deps.ts';
import { Outbox } from './outbox.ts';

const beatMs = 1000;
const pingEvery = 20;
const inputRate = { burst: 64 * 1024, perSecond: 16 * 1024 };
/** WebSocket close codes (RFC 6455 §7.4.1). */
const normal = 1000;
const policyViolation = 1008;

export class LookConnection {
	readonly #deps: LiveDeps;
	readonly #socket: WebSocket;
	readonly #looker: Looker;
	readonly #look: Look;
	readonly #outbox: Outbox;
	readonly #channels: Channels;
	readonly #messages: TokenBucket;
	readonly #input: TokenBucket;
	readonly #isOpen: () => boolean;
	readonly #stop: () => void;
	#beats = 0;
	#answered = true;
	#closed = false;

	/** @param isOpen whether the learner has a page of that lesson open, where it is said that somebody looks */
	constructor(deps: LiveDeps, { socket, looker, isOpen }: { socket: WebSocket; looker: Looker; isOpen: () => boolean }) {
		this.#deps = deps;
		this.#isOpen = isOpen;
		this.#socket = socket;
		this.#looker = looker;
		this.#look = looker.look;
		const now = () => deps.clock.now();
		this.#outbox = new Outbox(socket, () => this.#channels.drain());
		this.#channels = new Channels({ outbox: this.#outbox, now, failed: (code, channel) => this.#error(code, channel) });
		this.#messages = new TokenBucket({ ...messageRate, now });
		this.#input = new TokenBucket({ ...inputRate, now });
		socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
		socket.on('pong', () => {
			this.#answered = true;
		});
		socket.on('close', () => this.#end());
		socket.on('error', (error) => deps.log.info({ learner: looker.principal.name, err: error }, 'a WebSocket failed'));
		this.#stop = every({ clock: deps.clock, ms: beatMs, action: () => this.#beat() });
		this.#look.told = () => this.#tell();
		this.#tell();
	}

	#tell(): void {
		const { phase, hands } = this.#look;
		if (phase !== 'asked' && phase !== 'ended' && !this.#isOpen()) return this.#deps.looks.end(this.#look.id);
		this.#outbox.message({ type: 'look', phase, hands });
		if (phase !== 'ended') return;
		this.#channels.closeAll();
		this.#socket.close(normal, 'ended');
	}

	/** Leave may have been lost by other ways than the person's word; a peer that is not there any more must not go on looking. */
	#beat(): void {
		this.#deps.looks.sweep();
		if (!this.#deps.isSignedIn(this.#looker.principal.session)) return this.#deps.looks.end(this.#look.id);
		if (++this.#beats % pingEvery !== 0) return;
		if (!this.#answered) return this.#socket.terminate();
		this.#answered = false;
		if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
	}

	#receive(data: RawData, isBinary: boolean): void {
		if (this.#closed) return;
		try {
			// ws gives one Buffer for each message with its default binaryType.
			const bytes = data as Buffer;
			const message = isBinary ? undefined : readMessage(bytes);
			if (!this.#messages.take(messageCost(message))) throw new Refusal('too-many');
			if (message) this.#handle(message);
			else this.#type(bytes);
		} catch (error) {
			const code = error instanceof Refusal ? error.code : 'internal';
			if (code === 'internal') this.#deps.log.error({ err: error }, 'a message could not be served');
			this.#error(code, undefined);
			if (code === 'bad-message' || code === 'too-many') this.#socket.close(policyViolation, code);
		}
	}

	#type(bytes: Buffer): void {
		const frame = decodeFrame(bytes);
		if (!frame || frame.kind !== frameKind.input || frame.bytes.length === 0) throw new Refusal('bad-message', 'binary frame');
		if (!this.#input.take(frame.bytes.length)) throw new Refusal('too-many');
		this.#deps.looks.guestTypes(this.#look);
		// Who does not see the terminal as it is types nothing there, nor answers questions of a replay.
		if (!this.#channels.get(frame.channel)?.shows) throw new Refusal('forbidden', `channel ${frame.channel} shows nothing`);
		this.#terminal.type(frame.bytes);
	}

	#handle(message: ClientMessage): void {
		const { principal } = this.#looker;
		authorise(principal, actionOf[message.type], ownOf(principal));
		switch (message.type) {
			case 'watch':
				this.#deps.looks.mayLook(this.#look);
				return this.#channels.watch(message.channel, () => this.#terminal);
			case 'close':
				return this.#channels.close(message.channel);
			case 'ack':
				return this.#channels.get(message.channel)?.ack(message.bytes);
			default:
				throw new Refusal('forbidden', `${message.type} by who looks`);
		}
	}

	/** @throws Refusal no-sandbox, sandbox-busy, no-terminal */
	get #terminal() {
		const { learner: owner, lesson, terminal } = this.#look;
		return this.#deps.labs.lendTerminal(bareLab({ owner, course: this.#looker.course }), { lesson, number: terminal });
	}

	#error(code: RefusalCode, channel: number | undefined): void {
		this.#deps.meter?.error(code);
		const message = refusalText(code, this.#looker.language);
		this.#outbox.message({ type: 'error', code, message, ...(channel !== undefined && { channel }) });
	}

	#end(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#stop();
		this.#look.told = undefined;
		this.#channels.closeAll();
		this.#deps.looks.end(this.#look.id);
	}
}
