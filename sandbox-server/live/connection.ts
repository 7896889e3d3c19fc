/** One page's WebSocket: reads and answers its messages, owns its channels. */
import type { RawData, WebSocket } from 'ws';
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import { type ClientMessage, decodeFrame, frameKind, type ServerMessage } from '../../src/shared/protocol/messages.ts';
import { Refusal, type RefusalCode, refusalText } from '../../src/shared/protocol/refusals.ts';
import { AgentGone } from '../agent/agent.ts';
import { type Action, actionOf, authorise, ownOf } from '../auth/authorise.ts';
import type { Visitor } from '../labs/ports.ts';
import { every } from '../platform/clock.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import { Disposables } from '../platform/disposables.ts';
import { TokenBucket } from '../platform/token-bucket.ts';
import { clusterOf } from '../sandboxes/shell.ts';
import type { Watchable } from '../sandboxes/terminal.ts';
import type { Channel } from './channel.ts';
import { Channels } from './channels.ts';
import { messageCost, messageRate, readMessage } from './client-messages.ts';
import type { LiveDeps } from './live-deps.ts';
import { Outbox } from './outbox.ts';

const pingMs = 20_000;
/** Pings without an answer after which the peer counts as dead. */
const maxMisses = 2;
/** Bytes of input: a pasted file fits. */
const inputRate = { burst: 8 * 2 ** 20, perSecond: 2 ** 20 };
/** How exactly labs know when somebody was there, ms. */
const activeMs = 10_000;
/** What a page sends because of its learner; the others, as `focus` after each connection, it sends by itself. */
const doneBySomebody: ReadonlySet<ClientMessage['type']> = new Set(['start', 'active', 'end']);
/** WebSocket close codes (RFC 6455 §7.4.1). */
const policyViolation = 1008;

export class Connection {
	readonly visitor: Visitor;
	readonly #socket: WebSocket;
	readonly #deps: LiveDeps;
	readonly #onClosed: (connection: Connection) => void;
	readonly #outbox: Outbox;
	readonly #channels: Channels;
	readonly #messages: TokenBucket;
	readonly #input: TokenBucket;
	/** Its ping, and its presence in the lab and the lesson. */
	readonly #owned = new Disposables();
	#misses = 0;
	/** When it was last asked for an answer, ms. */
	#asked = 0;
	/** When the lab was last told that somebody is there, ms. */
	#saidActive = Number.NEGATIVE_INFINITY;
	/** The sandbox's report as it was last sent. */
	#said: string;
	/** What it was last told of the learner's room. */
	#room: string;
	/** The channels that show a trainer's terminal, and the show that each is of. */
	readonly #follows = new Map<Channel, string>();
	readonly #hasCluster: boolean;
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
			() => this.#channels.drain(),
			(bytes) => deps.meter?.traffic('out', bytes),
		);
		const now = () => deps.clock.now();
		this.#channels = new Channels({
			outbox: this.#outbox,
			now: () => deps.clock.now(),
			failed: (code, channel, cause) => {
				if (cause !== undefined) this.#note(cause);
				this.#error(code, channel);
			},
			closed: (channel) => this.#follows.delete(channel),
		});
		this.#messages = new TokenBucket({ ...messageRate, now });
		this.#input = new TokenBucket({ ...inputRate, now });
		socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
		socket.on('pong', () => {
			// Otherwise it may be the answer to the one before.
			if (this.#misses <= 1) this.#channels.answered(now() - this.#asked);
			this.#misses = 0;
		});
		// ws answers each, and the answers wait in memory for a peer that does not read them.
		socket.on('ping', () => this.#pinged());
		socket.on('close', () => this.#end());
		// Such as a frame above maxPayload: ws closes the socket itself, with the right code.
		socket.on('error', (error) => deps.log.info({ learner: visitor.principal.name, err: error }, 'a WebSocket failed'));
		this.#askBack();
		this.#owned.add(every({ clock: deps.clock, ms: pingMs, action: () => this.#ping() }));
		const { lab, lesson, language, from } = visitor;
		this.#owned.add(deps.labs.enter(lab, from));
		this.#owned.add(deps.steps.enter(lab, lesson, language));
		const page = lab.course.lessons.find(({ slug }) => slug === lesson);
		this.#hasCluster = page !== undefined && clusterOf(lab.course, page) !== undefined;
		const sandbox = deps.labs.report(lab, language);
		this.#said = JSON.stringify(sandbox);
		this.send({ type: 'welcome', protocol: 1, sandbox, steps: deps.steps.reports(lab, lesson, language) });
		this.clusterSeen(deps.labs.cluster(lab));
		// Who is in a room has a page that shows it: that it is over has to be said.
		this.#room = deps.rooms.isMember(lab) ? '' : 'null';
		this.roomChanged();
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
		const { lab, language } = this.visitor;
		const sandbox = this.#deps.labs.report(lab, language);
		const said = JSON.stringify(sandbox);
		if (said === this.#said) return;
		this.#said = said;
		if (sandbox.state !== 'ready') this.#channels.closeAll();
		this.send({ type: 'sandbox', sandbox });
		// A page forgets it with a sandbox that is not ready.
		if (sandbox.state === 'ready') this.clusterSeen(this.#deps.labs.cluster(lab));
	}

	/** Tells a page of a lesson with a cluster how that stands. @param view undefined: it is not known */
	clusterSeen(view: ClusterView | undefined): void {
		if (view && this.#hasCluster) this.send({ type: 'cluster', state: view });
	}

	/** The learner's room may stand differently: if so, the page is told. */
	roomChanged(): void {
		if (this.#follows.size > 0) this.#endFollowing(this.#deps.rooms.shownTo(this.visitor.lab)?.id);
		const state = this.#deps.rooms.stateOf(this.visitor.lab) ?? null;
		const said = JSON.stringify(state);
		if (said === this.#room) return;
		this.#room = said;
		this.send({ type: 'room', state, now: this.#deps.clock.now() });
	}

	/** Ends what is not of the present show. */
	#endFollowing(present: string | undefined): void {
		for (const [channel, show] of this.#follows) {
			if (show === present) continue;
			this.#follows.delete(channel);
			channel.gone();
		}
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
			else this.#text(bytes);
		} catch (error) {
			this.#fail(error);
		}
	}

	#pinged(): void {
		if (this.#closed || this.#messages.take(1)) return;
		this.#fail(new Refusal('too-many', 'pings'));
	}

	#frame(bytes: Buffer): void {
		if (!this.#messages.take(1) || !this.#input.take(bytes.length)) throw new Refusal('too-many');
		const frame = decodeFrame(bytes);
		if (!frame || frame.kind !== frameKind.input || frame.bytes.length === 0) throw new Refusal('bad-message', 'binary frame');
		this.#may('terminal.drive');
		this.#active();
		this.#deps.looks.ownerTypes(this.visitor.lab.owner.id);
		this.#channels.driven(frame.channel)?.input(frame.bytes);
	}

	#text(bytes: Buffer): void {
		const message = readMessage(bytes);
		if (!this.#messages.take(messageCost(message)) || !this.#input.take(bytes.length)) throw new Refusal('too-many');
		this.#handle(message);
	}

	/** Asked before anything is done. @throws Refusal */
	#may(action: Action): void {
		const { principal } = this.visitor;
		authorise(principal, action, ownOf(principal));
	}

	#handle(message: ClientMessage): void {
		this.#may(actionOf[message.type]);
		const { lab, lesson, from } = this.visitor;
		if (doneBySomebody.has(message.type)) this.#active();
		switch (message.type) {
			case 'start':
				return this.#deps.labs.start(lab, from);
			case 'active':
				return;
			case 'focus':
				if (!message.again) this.#deps.rooms.wentTo(lab, lesson, message.step);
				return this.#deps.steps.focus(lab, lesson, message);
			case 'open':
				return this.#open(message);
			case 'watch':
				return this.#channels.watch(message.channel, () => this.#deps.labs.peekTerminal(lab, { lesson, number: message.terminal }));
			case 'follow':
				return this.#channels.watch(message.channel, (channel) => this.#follow(channel), message.packs);
			case 'close':
				return this.#channels.close(message.channel);
			case 'end':
				return this.#channels.driven(message.channel)?.end();
			case 'resize':
				return this.#channels.driven(message.channel)?.resize({ cols: message.cols, rows: message.rows });
			case 'ack':
				return this.#channels.get(message.channel)?.ack(message.bytes, message.rate);
		}
	}

	#open({ channel: number, terminal, cols, rows, zone }: Extract<ClientMessage, { type: 'open' }>): void {
		const { lab, lesson, language } = this.visitor;
		const size = { cols, rows };
		const opening = () => this.#deps.labs.terminal(lab, { lesson, number: terminal, size, language, zone });
		this.#channels.drive({ number, size, opening });
	}

	/** @throws Refusal forbidden: nothing is shown to this learner; no-sandbox, sandbox-busy, no-terminal: at present there is no shell */
	#follow(channel: Channel): Watchable {
		const shown = this.#deps.rooms.shownTo(this.visitor.lab);
		if (!shown) throw new Refusal('forbidden', 'nothing is shown');
		const looked = shown.look();
		this.#follows.set(channel, shown.id);
		return looked;
	}

	/** Somebody is at the page: said once in a while, since each key is a sign of it. */
	#active(): void {
		const now = this.#deps.clock.now();
		if (now - this.#saidActive < activeMs) return;
		this.#saidActive = now;
		this.#deps.labs.active(this.visitor.lab);
	}

	/** What a message of the browser led to. Nothing that it can send ends more than its own connection. */
	#fail(error: unknown): void {
		if (error instanceof AgentGone) return; // The sandbox is going: `sandboxChanged` follows.
		this.#note(error);
		const code = error instanceof Refusal ? error.code : isDiskFull(error) ? 'server-full' : 'internal';
		this.#error(code, undefined);
		if (code === 'bad-message' || code === 'too-many') this.close(policyViolation, code);
	}

	#note(error: unknown): void {
		const level = error instanceof Refusal || error instanceof AgentGone ? 'info' : 'error';
		this.#deps.log[level]({ learner: this.visitor.principal.name, err: error }, 'a message could not be served');
	}

	#error(code: RefusalCode, channel: number | undefined): void {
		this.#deps.meter?.error(code);
		this.send({ type: 'error', code, message: refusalText(code, this.visitor.language), ...(channel !== undefined && { channel }) });
	}

	/** Its learner is not known here any more: signed out everywhere, as a trainer who has been taken away is, or erased. */
	dismiss(): void {
		this.#error('no-identity', undefined);
		this.close(policyViolation, 'no-identity');
	}

	#ping(): void {
		if (this.#misses >= maxMisses) return this.terminate();
		if (!this.#deps.isSignedIn(this.visitor.principal.session)) return this.dismiss();
		this.#misses++;
		this.#askBack();
	}

	#askBack(): void {
		this.#asked = this.#deps.clock.now();
		if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
	}

	#end(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#channels.closeAll();
		void this.#owned.dispose();
		this.#onClosed(this);
	}
}
