/** One shell of a sandbox: the server's own stream that looks for commands, and the viewers that show it. */
import { type Holder, HolderGone, type ShellEnd, type Stream, type StreamSink } from '../holder/holder.ts';
import type { Recording } from '../transcripts/screen-text.ts';
import type { MarkReader } from './deps.ts';

/** More than a holder keeps of a terminal (4 MiB): all of it comes without a word in between. */
const recordCredit = 8 * 2 ** 20;
/** Pieces of a record: a holder keeps 4096 sizes. Sizes and preambles cost no credit, and who plays the holder can send them for ever. */
const recordPieces = 50_000;
/** Bytes of all preambles of a record; a holder's has 2 KiB at most. */
const recordPreambles = 64 * 1024;
/** Credit of the server's own stream, bytes: it consumes at once. */
const watchCredit = 256 * 1024;
/** What it has consumed is given back by pieces of so many bytes: not a message for each of a shell's small writes. */
const watchPiece = watchCredit / 4;

/** What a viewer is told. `gone`: the connection to the sandbox has ended; nothing follows. */
export interface ViewerSink extends StreamSink {
	/** The shell ended, and all of its output has been delivered. */
	exited(end: ShellEnd): void;
	gone(): void;
}

export interface Size {
	cols: number;
	rows: number;
}

export interface TerminalOptions {
	holder: Holder;
	term: number;
	/** Where the server's stream goes on: after the last recorded command. */
	watchFrom: 'start' | bigint;
	/** A new reader; another one when output was lost in between. */
	reader: () => MarkReader;
	/** Somebody types. */
	used: () => void;
	/** There is output: a shell's first is its prompt. */
	prompted: () => void;
}

export class Terminal {
	readonly term: number;
	readonly #holder: Holder;
	/** The one used last is at the end: it paces the shell and gives it its size. */
	readonly #viewers: Viewer[] = [];
	readonly #watch: Stream;
	#reader: MarkReader;
	/** Consumed and not given back to the holder yet, bytes. */
	#consumed = 0;
	/** How far the server's own stream has got: no viewer needs to wait for more once the shell has ended. */
	#seen = 0n;
	#killed = false;
	readonly used: () => void;

	constructor({ holder, term, watchFrom, reader, used, prompted }: TerminalOptions) {
		this.term = term;
		this.used = used;
		this.#holder = holder;
		this.#reader = reader();
		this.#watch = holder.attach(
			{ term, from: watchFrom, credit: watchCredit, pacing: true },
			{
				output: (bytes, offset) => {
					const end = offset + BigInt(bytes.length);
					if (this.#seen === 0n) prompted();
					this.#seen = end;
					this.#consumed += bytes.length;
					if (this.#consumed >= watchPiece) {
						this.#watch.credit(this.#consumed);
						this.#consumed = 0;
					}
					this.#reader.push(bytes, end);
				},
				gap: () => {
					this.#reader = reader();
				},
				preamble: () => undefined,
				resized: () => undefined,
				live: () => undefined,
			},
		);
	}

	/** The shell runs. */
	get alive(): boolean {
		return this.#holder.terminals.get(this.term)?.alive ?? false;
	}

	/** How far the output goes that viewers are to be shown before they are told of the shell's end. */
	get end(): bigint {
		// A shell that was ended on purpose takes its ring with it: nothing more comes.
		return this.#killed ? 0n : this.#seen;
	}

	/** Columns and rows as they are now. */
	get size(): Size {
		const info = this.#holder.terminals.get(this.term);
		return { cols: info?.cols ?? 80, rows: info?.rows ?? 24 };
	}

	/** How far the output has been seen here. */
	get seen(): bigint {
		return this.#seen;
	}

	/** All that the holder has kept of it; undefined when the connection ends meanwhile, or `signal` aborts. */
	record(signal: AbortSignal): Promise<Recording | undefined> {
		const parts: Recording['parts'] = [];
		return new Promise((resolve) => {
			let stream: Stream | undefined;
			const end = (found: Recording | undefined) => {
				signal.removeEventListener('abort', abort);
				if (!signal.aborted) unlessGone(() => stream?.detach());
				resolve(found);
			};
			const abort = () => end(undefined);
			signal.addEventListener('abort', abort, { once: true });
			if (signal.aborted) return abort();
			let preambles = 0;
			const add = (one: Recording['parts'][number]) => {
				if (parts.push(one) > recordPieces) end(undefined);
			};
			try {
				stream = this.#holder.attach(
					{ term: this.term, from: 'start', credit: recordCredit, pacing: false },
					{
						// The bytes are the connection's: they are another frame's soon.
						output: (bytes) => add({ bytes: Uint8Array.from(bytes) }),
						preamble: (bytes) => {
							preambles += bytes.length;
							if (preambles > recordPreambles) end(undefined);
							else add({ bytes: Uint8Array.from(bytes) });
						},
						resized: (cols, rows) => add({ cols, rows }),
						live: () => end({ parts }),
						gap: () => void parts.splice(0),
					},
				);
			} catch (error) {
				if (!(error instanceof HolderGone)) throw error;
				abort();
			}
		});
	}

	/** Shows the terminal to one more viewer, from the beginning of what the holder has kept; its size becomes the terminal's. */
	view(size: Size, credit: number, sink: ViewerSink): Viewer {
		const viewer: Viewer = new Viewer({
			terminal: this,
			holder: this.#holder,
			size,
			sink,
			use: () => this.#use(viewer),
			left: () => this.#left(viewer),
		});
		this.#viewers.push(viewer);
		// The new size first: the replay then ends with it.
		this.#use(viewer);
		viewer.attach(credit);
		const ended = this.#holder.terminals.get(this.term)?.end;
		if (ended) viewer.ended(ended);
		return viewer;
	}

	/** The viewer is the one being used: it paces, and its size counts. */
	#use(viewer: Viewer): void {
		const before = this.#viewers.at(-1);
		if (before !== viewer) {
			this.#viewers.splice(this.#viewers.indexOf(viewer), 1);
			this.#viewers.push(viewer);
		}
		for (const other of this.#viewers) other.pace(other === viewer);
		this.#fit(viewer);
	}

	#left(viewer: Viewer): void {
		this.#viewers.splice(this.#viewers.indexOf(viewer), 1);
		const next = this.#viewers.at(-1);
		if (!next) return;
		next.pace(true);
		this.#fit(next);
	}

	#fit({ size }: Viewer): void {
		const now = this.size;
		if (this.alive && (now.cols !== size.cols || now.rows !== size.rows))
			unlessGone(() => this.#holder.resize(this.term, size.cols, size.rows));
	}

	/** The holder says that the shell ended. */
	ended(end: ShellEnd): void {
		for (const viewer of [...this.#viewers]) viewer.ended(end);
	}

	/** Ends the shell and its programs. */
	kill(): void {
		this.#killed = true;
		unlessGone(() => this.#holder.close(this.term));
	}

	/** Lets go of the streams; the shell lives on. */
	detach(): void {
		this.#watch.detach();
		for (const viewer of [...this.#viewers]) viewer.close();
	}

	/** The connection to the holder is gone, and the streams with it. */
	gone(): void {
		for (const viewer of this.#viewers.splice(0)) viewer.gone();
	}
}

interface ViewerOptions {
	terminal: Terminal;
	holder: Holder;
	size: Size;
	sink: ViewerSink;
	use: () => void;
	left: () => void;
}

/** One browser's view of a terminal. */
export class Viewer {
	size: Size;
	readonly #options: ViewerOptions;
	#stream: Stream | undefined;
	#pacing = false;
	#closed = false;
	#at = 0n;
	#end: ShellEnd | undefined;

	constructor(options: ViewerOptions) {
		this.#options = options;
		this.size = options.size;
	}

	attach(credit: number): void {
		const { terminal, holder, sink } = this.#options;
		this.#stream = holder.attach(
			{ term: terminal.term, from: 'start', credit, pacing: this.#pacing },
			{
				output: (bytes, offset) => {
					this.#at = offset + BigInt(bytes.length);
					sink.output(bytes, offset);
					this.#tellEnd();
				},
				preamble: (bytes) => sink.preamble(bytes),
				resized: (cols, rows) => sink.resized(cols, rows),
				live: () => sink.live(),
				gap: () => sink.gap(),
			},
		);
	}

	credit(bytes: number): void {
		if (!this.#closed) this.#stream?.credit(bytes);
	}

	pace(pacing: boolean): void {
		if (this.#pacing === pacing || this.#closed) return;
		this.#pacing = pacing;
		this.#stream?.pace(pacing);
	}

	input(bytes: Uint8Array): void {
		if (this.#closed || !this.#options.terminal.alive) return;
		this.#options.use();
		this.#options.terminal.used();
		unlessGone(() => this.#options.holder.input(this.#options.terminal.term, bytes));
	}

	resize(size: Size): void {
		if (this.#closed) return;
		this.size = size;
		this.#options.use();
	}

	/** Ends the shell. */
	kill(): void {
		if (!this.#closed) this.#options.terminal.kill();
	}

	ended(end: ShellEnd): void {
		this.#end = end;
		this.#tellEnd();
	}

	#tellEnd(): void {
		if (!this.#end || this.#closed || this.#at < this.#options.terminal.end) return;
		const end = this.#end;
		this.#end = undefined;
		this.#options.sink.exited(end);
	}

	/** Stops viewing. Idempotent. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#stream?.detach();
		this.#options.left();
	}

	gone(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#options.sink.gone();
	}
}

/** Tells a holder something that needs no answer. When its connection has just ended that does not matter: `gone` is about to be called. */
export function unlessGone(call: () => void): void {
	try {
		call();
	} catch (error) {
		if (!(error instanceof HolderGone)) throw error;
	}
}
