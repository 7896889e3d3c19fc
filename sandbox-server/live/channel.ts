/** One terminal in one page: output under the browser's window, input once the replay is over. */
import { frameKind, windowBytes } from '../../src/shared/messages.ts';
import type { ShellEnd } from '../holder/holder.ts';
import type { Size, Terminal, Viewer, ViewerSink } from '../sandboxes/terminal.ts';
import type { Outbox } from './outbox.ts';
import { type Beyond, Window } from './window.ts';

/** Acknowledged bytes go back to the sandbox by pieces of so many: each is a message that wakes it up. */
const owedPiece = windowBytes / 4;

interface ChannelOptions {
	number: number;
	size: Size;
	outbox: Outbox;
	/** Of the connection's channels together. */
	beyond: Beyond;
	/** ms */
	now: () => number;
	onGone: (channel: Channel) => void;
}

export class Channel implements ViewerSink {
	readonly number: number;
	readonly #outbox: Outbox;
	readonly #onGone: (channel: Channel) => void;
	readonly #window: Window;
	#viewer: Viewer | undefined;
	/** Sent and not yet acknowledged, bytes. */
	#inFlight = 0;
	/** Acknowledged, but not given back to the holder yet, bytes; less than 0: the window has shrunk. */
	#owed = 0;
	#live = false;
	#closed = false;
	/** The browser's last word on its size while the terminal was being opened. */
	#size: Size;

	constructor({ number, size, outbox, beyond, now, onGone }: ChannelOptions) {
		this.number = number;
		this.#size = size;
		this.#outbox = outbox;
		this.#window = new Window(beyond, now);
		this.#onGone = onGone;
	}

	/** Begins to show the terminal, unless the browser has closed the channel meanwhile. */
	show(terminal: Terminal, fresh: boolean): void {
		if (this.#closed) return;
		this.#outbox.message({ type: 'opened', channel: this.number, ...terminal.size, fresh });
		this.#viewer = terminal.view(this.#size, this.#window.size, this);
	}

	/** The browser has worked off `bytes`. More than is in flight counts for nothing: nobody can widen their window. */
	ack(bytes: number): void {
		const counted = Math.min(bytes, this.#inFlight);
		this.#owed += counted + this.#window.acked(counted, this.#inFlight);
		this.#inFlight -= counted;
		this.drain();
	}

	drain(): void {
		if (this.#owed < owedPiece || this.#outbox.full) return;
		const bytes = this.#owed;
		this.#owed = 0;
		this.#viewer?.credit(bytes);
	}

	/** Dropped during a replay: what a terminal answers to old questions is not for the shell. */
	input(bytes: Uint8Array): void {
		if (this.#live) this.#viewer?.input(bytes);
	}

	resize(size: Size): void {
		this.#size = size;
		this.#viewer?.resize(size);
	}

	/** Ends the shell. */
	end(): void {
		this.#viewer?.kill();
	}

	/** Stops showing. Idempotent. */
	close(): void {
		this.#closed = true;
		this.#window.close();
		this.#viewer?.close();
	}

	output(bytes: Uint8Array): void {
		this.#inFlight += bytes.length;
		this.#outbox.frame(frameKind.output, this.number, bytes);
	}

	preamble(bytes: Uint8Array): void {
		this.#outbox.frame(frameKind.preamble, this.number, bytes);
	}

	resized(cols: number, rows: number): void {
		this.#outbox.message({ type: 'resized', channel: this.number, cols, rows });
	}

	live(): void {
		this.#live = true;
		this.#outbox.message({ type: 'live', channel: this.number });
	}

	gap(): void {
		this.#live = false;
		this.#outbox.message({ type: 'reset', channel: this.number });
	}

	exited({ kind, code }: ShellEnd): void {
		this.#outbox.message({ type: 'exited', channel: this.number, ...(kind === 'exit' ? { code } : { signal: code }) });
	}

	gone(): void {
		this.#closed = true;
		this.#onGone(this);
	}
}
