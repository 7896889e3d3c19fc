/** A terminal to look at: what comes is drawn in order, in the size that it has there, and acknowledged. Whoever may type as well does so beside it. */
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { Terminal } from '@xterm/xterm';
import xtermStyles from '@xterm/xterm/css/xterm.css?inline';
import { type ClientMessage, frameKind, type ServerMessage, windowBytes } from '../../shared/protocol/messages.ts';
import { addStyles } from '../dom.ts';
import { muteQueries } from '../queries.ts';
import { OutputWriter } from './output-writer.ts';
import { terminalOptions } from './terminal-options.ts';
import { Turns } from './turns.ts';
import { unpacked } from './unpack.ts';

/** Output is acknowledged by pieces of so many bytes. */
const ackBytes = windowBytes / 8;

interface WatchedScreenOptions {
	channel: number;
	send: (message: ClientMessage) => void;
	/** It shows the terminal as it is now, or does no more. */
	changed?: () => void;
	/** Something of it could not be read: it has to be opened anew. */
	failed?: () => void;
}

export class WatchedScreen {
	readonly term = new Terminal({ ...terminalOptions(() => undefined), disableStdin: true });
	/** It shows the terminal as it is now. */
	live = false;
	readonly #options: WatchedScreenOptions;
	readonly #writer = new OutputWriter(this.term, () => document.hidden);
	/** Unpacking takes a moment: whatever comes meanwhile waits for its turn. */
	readonly #turns = new Turns(() => {
		this.away();
		this.#options.failed?.();
	});
	#unacknowledged = 0;

	constructor(options: WatchedScreenOptions) {
		addStyles(xtermStyles);
		this.#options = options;
		// As wide as on the page of whose terminal it is.
		this.term.loadAddon(new UnicodeGraphemesAddon());
		// The terminal of whoever types there answers what programs ask.
		muteQueries(this.term.parser, () => false);
	}

	/** @param kind of the frame that they came in */
	output(bytes: Uint8Array, kind: number): void {
		if (kind === frameKind.packed) this.#turns.wait(unpacked(bytes), (whole) => this.#draw(whole, true));
		else this.#turns.take(() => this.#draw(bytes, kind === frameKind.output));
	}

	/** @param counts the bytes are to be acknowledged */
	#draw(bytes: Uint8Array, counts: boolean): void {
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
		this.#turns.take(() => this.#heed(message));
	}

	#heed(message: ServerMessage): void {
		if (message.type === 'opened') {
			this.#unacknowledged = 0;
			this.#writer.begin(() => {
				this.term.reset();
				this.term.resize(message.cols, message.rows);
			});
		} else if (message.type === 'resized') this.#inOrder(() => this.term.resize(message.cols, message.rows));
		else if (message.type === 'reset') {
			// Drawn anew in a moment: nobody is told.
			this.live = false;
			this.#writer.begin(() => this.term.reset());
		} else if (message.type === 'live') this.#set(true);
		else if (message.type === 'gone' || message.type === 'exited' || message.type === 'error') this.#set(false);
	}

	/** Nothing comes any more, until it is opened again. */
	away(): void {
		this.#turns.clear();
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
		this.#turns.clear();
		this.#writer.end();
		this.term.dispose();
	}
}
