/** One terminal in one page, to look at: its output, as much at a time as the page works off. */
import { frameKind, windowBytes } from '../../src/shared/protocol/messages.ts';
import type { AgentRefused, ShellEnd } from '../agent/agent.ts';
import type { Watchable } from '../sandboxes/terminal.ts';
import type { StartedCommand, ViewerSink, Watcher } from '../sandboxes/viewers.ts';
import type { Outbox } from './outbox.ts';

/** Acknowledged bytes go back to the sandbox by pieces of so many: each is a message that wakes it up. */
const owedPiece = windowBytes / 4;

export interface ChannelOptions {
	number: number;
	outbox: Outbox;
	/** What it showed is no more. */
	onGone: (channel: Channel) => void;
	/** The terminal cannot be shown. */
	onRefused: (channel: Channel, error: AgentRefused) => void;
}

/** There is no way to type from here: a page that only looks has one of these. */
export class Channel implements ViewerSink {
	readonly number: number;
	protected readonly outbox: Outbox;
	protected view: Watcher | undefined;
	protected isLive = false;
	protected closed = false;
	readonly #onGone: (channel: Channel) => void;
	readonly #onRefused: (channel: Channel, error: AgentRefused) => void;
	#packs = false;
	/** Sent and not yet acknowledged, bytes. */
	#inFlight = 0;
	/** Acknowledged, but not given back to the agent yet, bytes; less than 0: the window has shrunk. */
	#owed = 0;

	constructor({ number, outbox, onGone, onRefused }: ChannelOptions) {
		this.number = number;
		this.outbox = outbox;
		this.#onGone = onGone;
		this.#onRefused = onRefused;
	}

	/** Whether its page sees the terminal as it is now. */
	get shows(): boolean {
		return this.isLive && !this.closed;
	}

	/** Begins to look at the terminal. @param packs its page can read packed frames */
	watch(terminal: Watchable, packs = false): void {
		this.#packs = packs;
		this.outbox.message({ type: 'opened', channel: this.number, ...terminal.size, fresh: false });
		this.view = terminal.watch({ credit: windowBytes, sink: this });
	}

	/** The browser has worked off `bytes`, and parses `rate` a ms, as it says. More than is in flight counts for nothing. */
	ack(bytes: number, rate?: number): void {
		const counted = Math.min(bytes, this.#inFlight);
		this.#owed += counted + this.grown(counted, this.#inFlight, rate);
		this.#inFlight -= counted;
		this.drain();
	}

	/** By how much the window has grown, bytes, when `counted` bytes of those in flight have been worked off. */
	protected grown(_counted: number, _inFlight: number, _rate: number | undefined): number {
		return 0;
	}

	drain(): void {
		if (this.#owed < owedPiece || this.outbox.full) return;
		const bytes = this.#owed;
		this.#owed = 0;
		this.view?.credit(bytes);
	}

	/** Stops showing. Idempotent. */
	close(): void {
		this.closed = true;
		this.view?.close();
	}

	output(bytes: Uint8Array, _offset?: bigint, pack?: () => Uint8Array | undefined): void {
		this.#inFlight += bytes.length;
		const packed = this.#packs ? pack?.() : undefined;
		if (packed) this.outbox.whole(frameKind.packed, this.number, packed);
		else this.outbox.frame(frameKind.output, this.number, bytes);
	}

	preamble(bytes: Uint8Array): void {
		this.outbox.frame(frameKind.preamble, this.number, bytes);
	}

	resized(cols: number, rows: number): void {
		this.outbox.message({ type: 'resized', channel: this.number, cols, rows });
	}

	live(): void {
		this.isLive = true;
		this.outbox.message({ type: 'live', channel: this.number });
	}

	gap(): void {
		this.isLive = false;
		this.outbox.message({ type: 'reset', channel: this.number });
	}

	command(started: StartedCommand): void {
		this.outbox.message({ type: 'command', channel: this.number, ...started });
	}

	exited({ kind, code }: ShellEnd): void {
		this.outbox.message({ type: 'exited', channel: this.number, ...(kind === 'exit' ? { code } : { signal: code }) });
	}

	refused(error: AgentRefused): void {
		this.#onRefused(this, error);
	}

	gone(): void {
		this.outbox.message({ type: 'gone', channel: this.number });
		this.forget();
	}

	protected forget(): void {
		this.closed = true;
		this.#onGone(this);
	}
}
