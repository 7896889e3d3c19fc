/** A terminal to look at: what comes is drawn in order, in the size that it has there, and acknowledged. Whoever may type as well does so beside it. */
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { Terminal } from '@xterm/xterm';
import xtermStyles from '@xterm/xterm/css/xterm.css?inline';
import { type ClientMessage, type ServerMessage, windowBytes } from '../../shared/protocol/messages.ts';
import { addStyles } from '../dom.ts';
import { muteQueries } from '../queries.ts';
import { OutputWriter } from './output-writer.ts';
import { terminalOptions } from './terminal-options.ts';

/** Output is acknowledged by pieces of so many bytes. */
const ackBytes = windowBytes / 8;

interface WatchedScreenOptions {
	channel: number;
	send: (message: ClientMessage) => void;
	/** It shows the terminal as it is now, or does no more. */
	changed?: () => void;
}

export class WatchedScreen {
	readonly term = new Terminal({ ...terminalOptions(() => undefined), disableStdin: true });
	/** It shows the terminal as it is now. */
	live = false;
	readonly #options: WatchedScreenOptions;
	readonly #writer = new OutputWriter(this.term, () => document.hidden);
	#unacknowledged = 0;

	constructor(options: WatchedScreenOptions) {
		addStyles(xtermStyles);
		this.#options = options;
		// As wide as on the page of whose terminal it is.
		this.term.loadAddon(new UnicodeGraphemesAddon());
		// The terminal of whoever types there answers what programs ask.
		muteQueries(this.term.parser, () => false);
	}

	/** @param counts the bytes are to be acknowledged */
	output(bytes: Uint8Array, counts: boolean): void {
		this.#writer.write(bytes, () => {
			if (!counts) return;
			this.#unacknowledged += bytes.length;
			if (this.#unacknowledged < ackBytes) return;
			this.#options.send({ type: 'ack', channel: this.#options.channel, bytes: this.#unacknowledged });
			this.#unacknowledged = 0;
		});
	}

	/** What the server says of its channel. */
	message(message: ServerMessage): void {
		if (message.type === 'opened') {
			this.#unacknowledged = 0;
			this.#writer.begin(() => {
				this.term.reset();
				this.term.resize(message.cols, message.rows);
			});
		} else if (message.type === 'resized') this.#inOrder(() => this.term.resize(message.cols, message.rows));
		else if (message.type === 'reset') {
			this.#set(false);
			this.#writer.begin(() => this.term.reset());
		} else if (message.type === 'live') this.#set(true);
		else if (message.type === 'gone' || message.type === 'exited' || message.type === 'error') this.#set(false);
	}

	/** Nothing comes any more, until it is opened again. */
	away(): void {
		this.#set(false);
	}

	#inOrder(action: () => void): void {
		this.#writer.write('', action);
	}

	#set(live: boolean): void {
		this.live = live;
		this.#options.changed?.();
	}

	dispose(): void {
		this.term.dispose();
	}
}
