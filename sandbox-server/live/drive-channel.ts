/** One terminal in one page, to type in: what a channel is, with a window that grows, and input once the replay is over. */
import type { Terminal } from '../sandboxes/terminal.ts';
import type { Driver, Size } from '../sandboxes/viewers.ts';
import { Channel, type ChannelOptions } from './channel.ts';
import { type Beyond, Window } from './window.ts';

interface DriveChannelOptions extends ChannelOptions {
	size: Size;
	/** Of the connection's channels together. */
	beyond: Beyond;
	/** ms */
	now: () => number;
}

export class DriveChannel extends Channel {
	readonly #window: Window;
	#driver: Driver | undefined;
	/** The browser's last word on its size while the terminal was being opened. */
	#size: Size;

	constructor(options: DriveChannelOptions) {
		super(options);
		this.#size = options.size;
		this.#window = new Window(options.beyond, options.now);
	}

	/** Begins to show the terminal, unless the browser has closed the channel meanwhile. */
	drive(terminal: Terminal, fresh: boolean): void {
		if (this.closed) return;
		this.outbox.message({ type: 'opened', channel: this.number, ...terminal.size, fresh });
		this.#driver = terminal.drive({ size: this.#size, credit: this.#window.size, sink: this });
		this.view = this.#driver;
	}

	protected override grown(counted: number, inFlight: number, rate: number | undefined): number {
		return this.#window.acked(counted, inFlight, rate);
	}

	/** Dropped during a replay: what a terminal answers to old questions is not for the shell. */
	input(bytes: Uint8Array): void {
		if (this.isLive) this.#driver?.input(bytes);
	}

	resize(size: Size): void {
		this.#size = size;
		this.#driver?.resize(size);
	}

	/** Ends the shell. */
	end(): void {
		this.#driver?.kill();
	}

	/** Whoever drives is told by `sandbox`, or has opened another shell in its place. */
	override gone(): void {
		this.forget();
	}

	override close(): void {
		this.#window.close();
		super.close();
	}
}
